using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tributary.Tests.Unit.Discovery.Dns;

/// <summary>A name server on loopback, over UDP and TCP on one port, that answers as the test says.</summary>
internal sealed class DnsServer : IAsyncDisposable
{
    /// <summary>The bits of an answer's second and third byte: an answer, recursion was wanted and is there.</summary>
    public const int Answer = 0x8180;

    public const int Truncated = 0x0200;

    private readonly CancellationTokenSource stop = new();
    private Socket udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private Socket tcp = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Task serving;
    private readonly Lock gate = new();
    private readonly List<string> questions = [];

    public DnsServer()
    {
        // A port that is free for both: few are taken for UDP, so a few tries do.
        for (var tries = 0; !TryBind(); tries++)
        {
            Assert.True(tries < 10);
        }
        tcp.Listen();
        serving = Task.WhenAll(ServeUdpAsync(), ServeTcpAsync());
    }

    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>What it was asked: <c>udp NAME TYPE</c>.</summary>
    public IReadOnlyList<string> Questions
    {
        get
        {
            lock (gate)
            {
                return [.. questions];
            }
        }
    }

    /// <summary>The messages that answer a question; none is silence.</summary>
    public Func<Query, IEnumerable<byte[]>> Reply { get; set; } = query => [query.Message(Answer)];

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        udp.Dispose();
        tcp.Dispose();
        await serving;
        stop.Dispose();
    }

    /// <summary>A name as bytes, without compression.</summary>
    public static byte[] Name(string name) =>
        [
            .. name.Split('.', StringSplitOptions.RemoveEmptyEntries)
                .SelectMany(part => (byte[])[(byte)part.Length, .. Encoding.UTF8.GetBytes(part)]),
            0,
        ];

    /// <summary>A record of the name that was asked for, with data.</summary>
    public static byte[] Record(int type, params byte[] data) =>
        [0xC0, 12, .. Number(type), .. Number(1), 0, 0, 0, 30, .. Number(data.Length), .. data];

    /// <summary>An SRV record.</summary>
    public static byte[] Srv(string host, int port) => Record(33, [0, 1, 0, 1, .. Number(port), .. Name(host)]);

    public static byte[] Number(int value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        return bytes;
    }

    private bool TryBind()
    {
        try
        {
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            EndPoint = (IPEndPoint)tcp.LocalEndPoint!;
            udp.Bind(EndPoint);
            return true;
        }
        catch (SocketException)
        {
            tcp.Dispose();
            udp.Dispose();
            tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            return false;
        }
    }

    private async Task ServeUdpAsync()
    {
        var buffer = new byte[4096];
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var from = new IPEndPoint(IPAddress.Any, 0);
                var received = await udp.ReceiveFromAsync(buffer, from, stop.Token);
                foreach (var message in Ask(buffer[..received.ReceivedBytes], "udp"))
                {
                    await udp.SendToAsync(message, received.RemoteEndPoint, stop.Token);
                }
            }
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // The test ended.
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                using var client = await tcp.AcceptAsync(stop.Token);
                await using var stream = new NetworkStream(client);
                var length = new byte[2];
                await stream.ReadExactlyAsync(length, stop.Token);
                var question = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(question, stop.Token);
                foreach (var message in Ask(question, "tcp"))
                {
                    await stream.WriteAsync((byte[])[.. Number(message.Length), .. message], stop.Token);
                }
            }
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // The test ended, or the client went.
        }
    }

    private List<byte[]> Ask(byte[] message, string transport)
    {
        var query = new Query(message, transport);
        lock (gate)
        {
            questions.Add($"{transport} {query.Name} {query.Type}");
            return [.. Reply(query)];
        }
    }

    private static bool IsEnd(Exception exception) =>
        exception is OperationCanceledException or SocketException or ObjectDisposedException or IOException;

    /// <summary>A question as it came.</summary>
    internal sealed class Query
    {
        private readonly byte[] message;
        private readonly int end;

        public Query(byte[] message, string transport)
        {
            this.message = message;
            Transport = transport;
            var name = new StringBuilder();
            end = 12;
            for (; message[end] > 0; end += message[end] + 1)
            {
                name.Append(Encoding.UTF8.GetString(message, end + 1, message[end])).Append('.');
            }
            Name = name.ToString();
            Type = BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(end + 1));
            end += 5;
        }

        public string Transport { get; }

        public string Name { get; }

        public int Type { get; }

        /// <summary>Whether the question has an option of longer answers.</summary>
        public bool IsExtended => message[11] == 1;

        /// <summary>The longest answer over UDP that the client takes.</summary>
        public int MaxAnswer => BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(end + 3));

        public ushort Id => BinaryPrimitives.ReadUInt16BigEndian(message);

        /// <summary>An answer with the question repeated.</summary>
        public byte[] Message(int flags, params byte[][] records) =>
            [
                .. message[..2],
                .. Number(flags),
                .. Number(1),
                .. Number(records.Length),
                .. Number(0),
                .. Number(0),
                .. message[12..end],
                .. records.SelectMany(record => record),
            ];
    }
}
