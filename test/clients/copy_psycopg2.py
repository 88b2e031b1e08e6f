#!/usr/bin/python3
"""COPY from Python with psycopg 2: a good file, one that fails as a whole, an abort in the middle."""
import io
import os
import sys

import psycopg2
import psycopg2.errors

COPY = "COPY vero.events FROM STDIN WITH (FORMAT vero_csv, allow_repeat)"
directory = sys.argv[1]
failed = 0


def check(what, is_right, found=""):
    global failed
    print(f"ok: psycopg2: {what}" if is_right else f"FAILED: psycopg2: {what} {found}", flush=True)
    failed += not is_right


connection = psycopg2.connect("")
connection.autocommit = True
cursor = connection.cursor()


def send(name):
    """Sends a file as it is and returns how many events it gave."""
    with open(os.path.join(directory, name), "rb") as file:
        cursor.copy_expert(COPY, file)
    return cursor.rowcount


def one(query):
    cursor.execute(query)
    return cursor.fetchone()[0]


def events():
    return one("SELECT count(*) FROM vero.timeline")


before = events()
check("a good file", send("good.csv") == 40000)
check("its events are there", events() == before + 40000)

import_id = one("SELECT max(id) FROM vero.imports")
rejects = io.BytesIO()
cursor.copy_expert(f"COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv, import {import_id})", rejects)
with open(os.path.join(directory, "rejects.csv"), "rb") as file:
    check("its rejects come back as they were", rejects.getvalue() == file.read())

before = events()
try:
    send("bad.csv")
    check("a file that fails as a whole raises an error", False)
except psycopg2.errors.BadCopyFileFormat as error:
    check("a file that fails as a whole raises an error", error.diag.message_primary == "the file has no email column", error)
check("which leaves nothing", events() == before)


class Breaking(io.RawIOBase):
    """A file that cannot be read to its end."""

    def __init__(self, file):
        self.file = file

    def read(self, size=-1):
        if self.file.tell() > 1_000_000:
            raise OSError("the disk is broken")
        return self.file.read(size)


try:
    with open(os.path.join(directory, "good.csv"), "rb") as file:
        cursor.copy_expert(COPY, Breaking(file))
    check("an exception in the middle is an error", False)
except psycopg2.errors.QueryCanceled as error:
    check("an exception in the middle is an error", "COPY from stdin failed" in str(error), error)
check("which leaves nothing", events() == before)
check("the connection is usable", one("SELECT 1") == 1)
check("a good file again", send("good.csv") == 40000)
connection.close()

sys.exit(failed > 0)
