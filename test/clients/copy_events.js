// COPY from Node.js with pg and pg-copy-streams: a good file, one that fails as a whole, an abort in the middle.
'use strict'

const fs = require('node:fs')
const path = require('node:path')
const { pipeline } = require('node:stream/promises')
const { Client } = require('pg')
const { from: copyFrom, to: copyTo } = require('pg-copy-streams')

const COPY = 'COPY vero.events FROM STDIN WITH (FORMAT vero_csv, allow_repeat)'
const directory = process.argv[2]
let failed = 0

function check(what, isRight, found = '') {
  console.log(isRight ? `ok: node: ${what}` : `FAILED: node: ${what} ${found}`)
  if (!isRight) failed++
}

// Sends a file as it is and returns how many events it gave.
async function send(client, name) {
  const copy = client.query(copyFrom(COPY))
  await pipeline(fs.createReadStream(path.join(directory, name)), copy)
  return copy.rowCount
}

async function events(client) {
  return Number((await client.query('SELECT count(*) FROM vero.timeline')).rows[0].count)
}

async function main() {
  const client = new Client()
  await client.connect()

  let before = await events(client)
  check('a good file', (await send(client, 'good.csv')) === 40000)
  check('its events are there', (await events(client)) === before + 40000)

  const importId = (await client.query('SELECT max(id) AS id FROM vero.imports')).rows[0].id
  const chunks = []
  for await (const chunk of client.query(
    copyTo(`COPY vero.rejected_rows TO STDOUT WITH (FORMAT vero_csv, import ${importId})`)
  )) {
    chunks.push(chunk)
  }
  check('its rejects come back as they were', Buffer.concat(chunks).equals(fs.readFileSync(path.join(directory, 'rejects.csv'))))

  before = await events(client)
  let error = await send(client, 'bad.csv').then(() => null, (e) => e)
  check('a file that fails as a whole raises an error', error?.code === '22P04' && error.message === 'the file has no email column', error)
  check('which leaves nothing', (await events(client)) === before)

  // a source that breaks: pipeline destroys the COPY, which sends CopyFail
  async function* breaking() {
    yield fs.readFileSync(path.join(directory, 'good.csv')).subarray(0, 1500000)
    throw new Error('the disk is broken')
  }
  error = await pipeline(breaking(), client.query(copyFrom(COPY))).then(() => null, (e) => e)
  check('an exception in the middle is an error', error?.message === 'the disk is broken', error)
  check('which leaves nothing', (await events(client)) === before)
  check('the connection is usable', (await client.query('SELECT 1 AS one')).rows[0].one === 1)

  await client.query('BEGIN')
  check('in a transaction', (await send(client, 'good.csv')) === 40000)
  await client.query('ROLLBACK')
  check('that is rolled back', (await events(client)) === before)
  check('a good file again', (await send(client, 'good.csv')) === 40000)

  await client.end()
}

main().then(
  () => { process.exitCode = failed > 0 ? 1 : 0 },
  (error) => {
    console.log(`FAILED: node: ${error.stack}`)
    process.exit(1)
  }
)
