<?php
// A first send, and a watch until it is settled, in PHP.
//
//   apt-get install php-cli php-curl php-google-protobuf protobuf-compiler
//   mkdir -p stubs && protoc -I proto --php_out=stubs topup/v1/topup_service.proto
//   PHP_STUBS=stubs php client/examples/php/first_send.php [SERVER [NUMBER PLAN AMOUNT]]
//
// Debian has no gRPC extension for PHP, and none is needed: gRPC is HTTP/2 with five bytes before
// each message, and PHP's curl speaks HTTP/2. With the extension (pecl install grpc) a generated
// client takes the place of Channel below; the rest stays.
//
// Exit status: 0 delivered; 1 refused or not delivered: give the money back; 3 not known, or
// anything else: ask again under the same ref, and give nothing back yet.

namespace FirstSend;

use Topup\V1\SendTopupRequest;
use Topup\V1\SendTopupResponse;
use Topup\V1\TopupStatus;
use Topup\V1\WatchTopupRequest;
use Topup\V1\WatchTopupResponse;

spl_autoload_register(function (string $class): void {
    foreach ([getenv('PHP_STUBS') ?: 'stubs', '/usr/share/php'] as $folder) {
        $file = $folder . '/' . str_replace('\\', '/', $class) . '.php';
        if (is_file($file)) {
            require_once $file;
            return;
        }
    }
});

const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
const UNAVAILABLE = 14;

/** An RPC that failed: the code is gRPC's. */
final class RpcError extends \Exception
{
    public function mayPass(): bool
    {
        return in_array($this->getCode(), [UNAVAILABLE, DEADLINE_EXCEEDED], true);
    }

    /** A send that ends so has sold nothing, at its first try or at a later one. */
    public function isRefusal(): bool
    {
        return in_array($this->getCode(), [INVALID_ARGUMENT, FAILED_PRECONDITION, NOT_FOUND], true);
    }
}

/** gRPC over HTTP/2 without TLS, as topupd speaks it on the machine it runs on. */
final class Channel
{
    public function __construct(private string $server)
    {
    }

    /** Calls `$method`; hands each message of the answer, as bytes, to `$onMessage`. */
    public function call(string $method, string $request, int $timeout, callable $onMessage): void
    {
        $buffer = '';
        $trailers = [];
        $curl = curl_init("http://{$this->server}/topup.v1.TopupService/$method");
        curl_setopt_array($curl, [
            CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE,
            CURLOPT_POST => true,
            CURLOPT_POSTFIELDS => pack('CN', 0, strlen($request)) . $request,
            CURLOPT_HTTPHEADER => [
                'content-type: application/grpc', 'te: trailers', "grpc-timeout: {$timeout}S",
            ],
            CURLOPT_TIMEOUT => $timeout,
            CURLOPT_PROXY => '',
            CURLOPT_HEADERFUNCTION => function ($curl, string $line) use (&$trailers): int {
                [$name, $value] = explode(':', $line, 2) + [1 => ''];
                $trailers[strtolower($name)] = rawurldecode(trim($value));
                return strlen($line);
            },
            CURLOPT_WRITEFUNCTION => function ($curl, $bytes) use (&$buffer, $onMessage): int {
                $buffer .= $bytes;
                while (strlen($buffer) >= 5) {
                    $size = unpack('N', $buffer, 1)[1];
                    if (strlen($buffer) < 5 + $size) {
                        break;
                    }
                    $onMessage(substr($buffer, 5, $size));
                    $buffer = substr($buffer, 5 + $size);
                }
                return strlen($bytes);
            },
        ]);
        curl_exec($curl);
        $problem = curl_errno($curl);
        $status = $trailers['grpc-status'] ?? null;
        if ($status === null) {
            // No end was heard. Perhaps the call arrived, perhaps not.
            $code = $problem === CURLE_OPERATION_TIMEDOUT ? DEADLINE_EXCEEDED : UNAVAILABLE;
            throw new RpcError(curl_error($curl), $code);
        }
        if ($status !== '0') {
            throw new RpcError($trailers['grpc-message'] ?? '', (int) $status);
        }
    }
}

/** Sorts by time, and never meets another. */
function makeRef(): string
{
    return sprintf('%011x-%s', (int) (microtime(true) * 1000), bin2hex(random_bytes(10)));
}

/** Repeats the request as it is, ref included: it sells once at most. */
function send(Channel $channel, SendTopupRequest $request): SendTopupResponse
{
    $response = new SendTopupResponse();
    foreach ([200, 400, 800, 1600, null] as $delayMs) {
        try {
            $channel->call('SendTopup', $request->serializeToString(), 10,
                fn (string $bytes) => $response->mergeFromString($bytes));
            break;
        } catch (RpcError $error) {
            if (!$error->mayPass() || $delayMs === null) {
                throw $error;
            }
            usleep($delayMs * 1000);
        }
    }
    return $response;
}

function main(string $server = '127.0.0.1:50051', string $number = '0600000000',
              string $plan = 'PREPAID_MOBILIS', string $amount = '500'): int
{
    $channel = new Channel($server);

    // 1. Make the ref and keep it, where it survives a crash. Here: on the screen.
    $ref = makeRef();
    echo "ref $ref\n";

    // 2. Send. After a crash, the same request with the same ref gives the same top-up.
    try {
        send($channel, (new SendTopupRequest())->setRef($ref)->setPhoneNumber($number)
            ->setPlanCode($plan)->setAmountDzd($amount));
    } catch (RpcError $error) {
        fwrite(STDERR, $error->getCode() . ' ' . $error->getMessage() . "\n");
        return $error->isRefusal() ? 1 : 3;
    }

    // 3. Watch until it is settled, each revision once; five streams in a row that brought nothing
    //    are enough.
    $seen = 0;
    $failures = 0;
    $settled = null;
    $onMessage = function (string $bytes) use (&$seen, &$settled, &$failures): void {
        $message = new WatchTopupResponse();
        $message->mergeFromString($bytes);
        $topup = $message->getTopup();
        $seen = $topup->getRevision();
        $failures = 0;
        echo "#$seen ", TopupStatus::name($topup->getStatus()), "\n";
        // `settle_time` says so, whatever statuses there will be.
        $settled = $topup->hasSettleTime() ? $topup->getStatus() : null;
    };
    while ($settled === null) {
        $request = (new WatchTopupRequest())->setRef($ref)->setAfterRevision($seen);
        try {
            $channel->call('WatchTopup', $request->serializeToString(), 3600, $onMessage);
            if ($settled === null) {
                return 3; // the server ends a stream after the settled revision only
            }
        } catch (RpcError $error) {
            if (!$error->mayPass() || ++$failures === 5) {
                throw $error;
            }
            sleep(1);
        }
    }
    echo 'settled ', TopupStatus::name($settled), "\n";
    return $settled === TopupStatus::TOPUP_STATUS_FULFILLED ? 0 : 1;
}

try {
    exit(main(...array_slice($argv, 1)));
} catch (\Throwable $error) {
    fwrite(STDERR, $error->getCode() . ' ' . $error->getMessage() . "\n");
    exit(3);
}
