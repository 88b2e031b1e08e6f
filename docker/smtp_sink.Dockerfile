# An SMTP server that shows each mail in its log and forgets it: docker compose logs mail
FROM debian:bookworm-slim
RUN apt-get update && \
    apt-get install -y --no-install-recommends python3-aiosmtpd && \
    rm -rf /var/lib/apt/lists/*
CMD ["python3", "-u", "-m", "aiosmtpd", "-n", "-l", "0.0.0.0:8025"]
