// A first send, and a watch until it is settled, in Node.js.
//
//   cd client/examples/nodejs && npm install && cd -
//   node client/examples/nodejs/first_send.js [SERVER [NUMBER PLAN AMOUNT]]
//
// Reads the .proto itself, from proto/ of this repository or from $PROTO_DIR.
//
// Exit status: 0 delivered; 1 refused or not delivered: give the money back; 3 not known, or
// anything else: ask again under the same ref, and give nothing back yet.
'use strict';

const crypto = require('crypto');
const path = require('path');
const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const definition = protoLoader.loadSync('topup/v1/topup_service.proto', {
  includeDirs: [process.env.PROTO_DIR || path.join(__dirname, '../../../proto')],
  keepCase: true,
  longs: String,  // int64 does not fit a JavaScript number
  enums: String,
});
const { TopupService } = grpc.loadPackageDefinition(definition).topup.v1;

const mayPass = (error) =>
  [grpc.status.UNAVAILABLE, grpc.status.DEADLINE_EXCEEDED].includes(error.code);
// A send that ends so has sold nothing, at its first try or at a later one.
const isRefusal = (error) =>
  [grpc.status.INVALID_ARGUMENT, grpc.status.FAILED_PRECONDITION, grpc.status.NOT_FOUND]
    .includes(error.code);
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const within = (ms) => ({ deadline: Date.now() + ms });

// Sorts by time, and never meets another.
const makeRef = () =>
  Date.now().toString(16).padStart(11, '0') + '-' + crypto.randomBytes(10).toString('hex');

// Repeats the request as it is, ref included: it sells once at most.
async function send(client, request) {
  for (const delay of [200, 400, 800, 1600, null]) {
    try {
      return await new Promise((done, failed) => client.SendTopup(
        request, within(10000), (error, response) => error ? failed(error) : done(response)));
    } catch (error) {
      if (!mayPass(error) || delay === null) throw error;
      await wait(delay);
    }
  }
}

// Gives each revision once; gives up after five streams in a row that brought nothing.
async function* watch(client, ref) {
  let seen = '0';
  let failures = 0;
  for (;;) {
    try {
      for await (const { topup } of
        client.WatchTopup({ ref, after_revision: seen }, within(3600000))) {
        seen = topup.revision;
        failures = 0;
        yield topup;
      }
      return;  // the server ends the stream after the settled revision
    } catch (error) {
      failures += 1;
      if (!mayPass(error) || failures === 5) throw error;
      await wait(1000);
    }
  }
}

async function main(server = '127.0.0.1:50051', number = '0600000000',
  plan = 'PREPAID_MOBILIS', amount = '500') {
  const client = new TopupService(server, grpc.credentials.createInsecure());
  try {
    // 1. Make the ref and keep it, where it survives a crash. Here: on the screen.
    const ref = makeRef();
    console.log('ref', ref);

    // 2. Send. After a crash, the same request with the same ref gives the same top-up.
    try {
      await send(client, { ref, phone_number: number, plan_code: plan, amount_dzd: amount });
    } catch (error) {
      console.error(error.message);
      return isRefusal(error) ? 1 : 3;
    }

    // 3. Watch until it is settled: `settle_time` says so, whatever statuses there will be.
    for await (const topup of watch(client, ref)) {
      console.log(`#${topup.revision} ${topup.status}`);
      if (topup.settle_time) {
        console.log('settled', topup.status);
        return topup.status === 'TOPUP_STATUS_FULFILLED' ? 0 : 1;
      }
    }
    return 3;
  } finally {
    client.close();
  }
}

main(...process.argv.slice(2)).then(
  (status) => { process.exitCode = status; },
  (error) => {
    console.error(error.message);
    process.exitCode = 3;
  });
