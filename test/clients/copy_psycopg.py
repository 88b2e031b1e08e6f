#!/usr/bin/python3
"""COPY from Python with psycopg 3: a good file, one that fails as a whole, an abort in the middle."""
import os
import sys

import psycopg

COPY = "COPY vero.events FROM STDIN WITH (FORMAT vero_csv, allow_repeat)"
directory = sys.argv[1]
failed = 0


def check(what, is_right, found=""):
    global failed
    print(f"ok: psycopg: {what}" if is_right else f"FAILED: psycopg: {what} {found}", flush=True)
    failed += not is_right


def send(connection, name, statement=COPY):
    """Sends a file as it is and returns how many events it gave."""
    with connection.cursor() as cursor:
        with open(os.path.join(directory, name), "rb") as file, cursor.copy(statement) as copy:
            while data := file.read(65536):
                copy.write(data)
        return cursor.rowcount


def events(connection):
    return connection.execute("SELECT count(*) FROM vero.timeline").fetchone()[0]


with psycopg.connect("", autocommit=True) as connection:
    before = events(connection)
    check("a good file", send(connection, "good.csv") == 40000)
    check("its events are there", events(connection) == before + 40000)

    import_id = connection.execute("SELECT max(id) FROM vero.imports").fetchone()[0]
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv, import {import_id})") as copy:
            rejects = b"".join(copy)
    with open(os.path.join(directory, "rejects.csv"), "rb") as file:
        check("its rejects come back as they were", rejects == file.read())

    before = events(connection)
    try:
        send(connection, "bad.csv")
        check("a file that fails as a whole raises an error", False)
    except psycopg.errors.BadCopyFileFormat as error:
        check("a file that fails as a whole raises an error",
              error.diag.message_primary == "the file has no email column" and "columns" in error.diag.message_hint, error)
    check("which leaves nothing", events(connection) == before)

    # an exception in the block makes psycopg send CopyFail; the server's answer to that is what is raised
    try:
        with connection.cursor() as cursor, cursor.copy(COPY) as copy:
            with open(os.path.join(directory, "good.csv"), "rb") as file:
                copy.write(file.read(1_500_000))
            raise OSError("the disk is broken")
    except psycopg.errors.QueryCanceled as error:
        check("an exception in the middle is an error", "the disk is broken" in error.diag.message_primary, error)
    check("which leaves nothing", events(connection) == before)
    check("the connection is usable", connection.execute("SELECT 1").fetchone() == (1,))

    with connection.transaction(force_rollback=True):
        check("in a transaction", send(connection, "good.csv") == 40000)
    check("that is rolled back", events(connection) == before)
    check("a good file again", send(connection, "good.csv") == 40000)

sys.exit(failed > 0)
