using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tributary.Benchmarks.Measuring;

/// <summary>
/// A reader of HTTP/1.1 over a bare socket to 127.0.0.1. It skips bodies instead of looking at them, so that what is
/// measured is the server.
/// </summary>
internal static class RawHttp
{
    private const int BufferSize = 512 << 10;

    /// <summary>As <see cref="Get"/>, but null when nobody listens or the connection breaks.</summary>
    public static RawAnswer? TryGet(int port, string path)
    {
        try
        {
            return Get(port, path);
        }
        catch (SocketException)
        {
            return null;
        }
        catch (BenchmarkException)
        {
            return null;
        }
    }

    /// <summary>One GET on a connection of its own, at most a minute.</summary>
    /// <exception cref="BenchmarkException">The answer is not HTTP, or ends before its end.</exception>
    public static RawAnswer Get(int port, string path, bool gzip = false, bool keep = false)
    {
        var buffer = new byte[BufferSize];
        var request = Encoding.ASCII.GetBytes(
            $"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/plain;version=0.0.4\r\n"
                + (gzip ? "Accept-Encoding: gzip\r\n" : "")
                + "Connection: close\r\n\r\n"
        );
        var clock = Stopwatch.StartNew();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = 60_000,
            SendTimeout = 60_000,
            ReceiveBufferSize = 1 << 20,
        };
        socket.Connect(IPAddress.Loopback, port);
        socket.Send(request);
        var (head, filled) = ReadHead(socket, buffer);
        using var kept = keep ? new MemoryStream() : null;
        var body = new RawBody(head, kept);
        var first = filled > head.Length ? clock.Elapsed : TimeSpan.Zero;
        var ended = body.Take(buffer.AsSpan(head.Length, filled - head.Length));
        while (!ended)
        {
            var received = socket.Receive(buffer);
            first = first == TimeSpan.Zero ? clock.Elapsed : first;
            ended = received == 0 ? body.End() : body.Take(buffer.AsSpan(0, received));
        }

        return new(body.Status, body.Bytes, first, clock.Elapsed, kept?.ToArray());
    }

    private static (string Head, int Filled) ReadHead(Socket socket, byte[] buffer)
    {
        var filled = 0;
        while (filled < buffer.Length)
        {
            var received = socket.Receive(buffer.AsSpan(filled));
            if (received == 0)
            {
                break;
            }

            filled += received;
            var end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                return (Encoding.Latin1.GetString(buffer, 0, end + 4), filled);
            }
        }

        throw new BenchmarkException("the answer has no HTTP head");
    }
}
