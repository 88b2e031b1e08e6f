#!/usr/bin/python3
"""An SMTP server for tests: what a recipient's local part begins with says how it answers.

gone        550 at RCPT                          grey        450 at the first RCPT, then taken
never       451 at each RCPT                     spam        554 after the message
full        452 after the first message, then taken
cut         the connection ends amid DATA, the first time
lost        the message is taken and the connection ends without a word, the first time
hang        no answer to the message             leave       421 at RCPT, the first time
mute        no answer at RCPT, the first time
small       552 after a message of more than 50,000 bytes
narrow      552 at RCPT where SIZE says more than 50,000 bytes

Each message that it takes becomes a line of JSON in the mailbox file: from, to, data, tls, user, connection, begun (the time of its
MAIL FROM).
"""
import argparse
import asyncio
import base64
import json
import ssl
import sys
import time

from aiosmtpd.smtp import SMTP, AuthResult

arguments = argparse.ArgumentParser()
arguments.add_argument('mailbox')
arguments.add_argument('--port', type=int, default=0)
arguments.add_argument('--certificate', help='a PEM file with certificate and key: STARTTLS')
arguments.add_argument('--smtps', action='store_true', help='TLS from the beginning')
arguments.add_argument('--user', help='user:password, without which nothing is taken')
arguments.add_argument('--ascii', action='store_true', help='no SMTPUTF8')
arguments.add_argument('--greeting', help='says that and no more; "hang": nothing at all')
arguments.add_argument('--messages', type=int, help='so many on a connection, then 421')
arguments.add_argument('--size', type=int, default=64 * 1024 * 1024, help='bytes of a message that it takes, as it says (SIZE)')
arguments.add_argument('--pace', type=float, default=0, help='seconds that each message takes')
arguments.add_argument('--slow-greeting', type=float, default=0, help='seconds before it says anything')
arguments.add_argument('--close-idle', action='store_true', help='ends the connection after each message')
options = arguments.parse_args()

seen = set()
connections = 0


def is_first(what, address):
    key = (what, address)
    if key in seen:
        return False
    seen.add(key)
    return True


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        name = address.split('@')[0]
        if name.startswith('gone'):
            return '550 5.1.1 No such user here: ' + name
        if name.startswith('grey') and is_first('grey', address):
            return '450 4.7.1 Greylisted, come back later'
        if name.startswith('never'):
            return '451 4.3.0 Never today'
        if name.startswith('mute') and is_first('mute', address):
            print('mute', flush=True)
            await asyncio.sleep(3600)
        if name.startswith('leave') and is_first('leave', address):
            server.transport.write(b'421 4.3.2 Going down\r\n')
            server.transport.close()
            return '421 4.3.2 Going down'
        sizes = [int(o[5:]) for o in envelope.mail_options if o.startswith('SIZE=')]
        if name.startswith('narrow') and sizes and sizes[0] > 50000:
            return '552 5.2.3 Too large for ' + name
        envelope.rcpt_tos.append(address)
        return '250 2.1.5 Ok'

    async def handle_DATA(self, server, session, envelope):
        def any_first(what):
            return any(a.startswith(what) and is_first(what, a) for a in envelope.rcpt_tos)

        if any(a.startswith('spam') for a in envelope.rcpt_tos):
            return '554 5.7.1 This is spam'
        if any(a.startswith('small') for a in envelope.rcpt_tos) and len(envelope.original_content) > 50000:
            return '552 5.3.4 Message too big'
        if any_first('full'):
            return '452 4.2.2 Mailbox full'
        if any(a.startswith('hang') for a in envelope.rcpt_tos):
            print('hanging', flush=True)
            await asyncio.sleep(3600)
        if options.pace:
            print('pacing', flush=True)
            await asyncio.sleep(options.pace)
        with open(options.mailbox, 'a', encoding='ascii') as mailbox:
            mailbox.write(json.dumps({
                'from': envelope.mail_from, 'to': envelope.rcpt_tos,
                'data': base64.b64encode(envelope.original_content).decode('ascii'),
                'tls': session.ssl is not None or options.smtps, 'user': server.user, 'connection': server.number,
                'begun': server.begun,
            }) + '\n')
        server.taken += 1
        if any_first('lost'):
            server.transport.abort()
        return '250 2.0.0 Ok: queued as T%d' % server.taken


class Server(SMTP):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.taken = 0
        self.number = 0
        self.user = None

    def connection_made(self, transport):
        global connections
        if self.number == 0:
            connections += 1
            self.number = connections
        super().connection_made(transport)

    async def _handle_client(self):
        if options.slow_greeting:
            print('connected', flush=True)
            await asyncio.sleep(options.slow_greeting)
        await super()._handle_client()

    async def smtp_MAIL(self, arg):
        self.begun = time.time()
        if options.messages is not None and self.taken >= options.messages:
            await self.push('421 4.7.0 Too many messages, goodbye')
            self.transport.close()
            return
        await super().smtp_MAIL(arg)

    async def smtp_DATA(self, arg):
        if any(a.startswith('cut') and is_first('cut', a) for a in self.envelope.rcpt_tos):
            await self.push('354 Go ahead')
            await self._reader.read(10)
            self.transport.abort()
            return
        await super().smtp_DATA(arg)
        if options.close_idle:
            self.transport.close()


def authenticate(server, session, envelope, mechanism, data):
    given = data.login.decode() + ':' + data.password.decode()
    if given == options.user:
        server.user = data.login.decode()
        return AuthResult(success=True)
    return AuthResult(success=False, handled=False)


async def greet(reader, writer):
    if options.greeting == 'hang':
        print('hanging', flush=True)
        await asyncio.sleep(3600)
    writer.write(options.greeting.encode() + b'\r\n')
    await writer.drain()
    writer.close()


async def main():
    loop = asyncio.get_running_loop()
    context = None
    if options.certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(options.certificate)

    def make():
        return Server(Handler(), enable_SMTPUTF8=not options.ascii, hostname='mail.test', loop=loop,
                      tls_context=None if options.smtps else context,
                      authenticator=authenticate, auth_required=options.user is not None,
                      auth_exclude_mechanism=[] if options.user else ['LOGIN', 'PLAIN'],
                      auth_require_tls=False, data_size_limit=options.size)

    if options.greeting:
        server = await asyncio.start_server(greet, '127.0.0.1', options.port)
    else:
        server = await loop.create_server(make, '127.0.0.1', options.port, ssl=context if options.smtps else None)
    print('port', server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
