using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Tributary.Configuration;

namespace Tributary.Discovery.Dns;

/// <summary>Asks one server one question: over UDP, and over TCP where the answer is too long for that.</summary>
/// <remarks>Each question has a port and a number of its own that nobody can guess, and what does not answer it is passed over.</remarks>
/// <param name="time">The clock of timeouts.</param>
internal sealed class DnsClient(TimeProvider time)
{
    /// <summary>How often a question is sent that gets no answer over UDP.</summary>
    private const int MaxTries = 2;

    /// <summary>More messages than these that answer something else are an attack, or nonsense.</summary>
    private const int MaxStrays = 1000;

    private const int MaxMessageBytes = ushort.MaxValue;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>Asks.</summary>
    /// <param name="server">The server.</param>
    /// <param name="name">The whole name.</param>
    /// <param name="type">The kind of records.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>An answer of any code, never truncated.</returns>
    /// <exception cref="DnsException">There is none.</exception>
    public async Task<DnsAnswer> AskAsync(
        IPEndPoint server,
        string name,
        DnsRecordType type,
        CancellationToken cancellationToken
    )
    {
        var answer = await AskByUdpAsync(server, name, type, isExtended: true, cancellationToken);
        if (answer.Code == DnsMessage.FormatError)
        {
            // Old servers do not know the extension that allows for longer answers.
            answer = await AskByUdpAsync(server, name, type, isExtended: false, cancellationToken);
        }
        if (!answer.IsTruncated)
        {
            return answer;
        }
        answer = await InTimeAsync(token => AskByTcpAsync(server, name, type, token), cancellationToken);
        return answer.IsTruncated ? throw new DnsException("the answer is truncated, even over TCP") : answer;
    }

    private async Task<DnsAnswer> AskByUdpAsync(
        IPEndPoint server,
        string name,
        DnsRecordType type,
        bool isExtended,
        CancellationToken cancellationToken
    )
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await InTimeAsync(
                    token => AskOnceAsync(server, name, type, isExtended, token),
                    cancellationToken
                );
            }
            catch (DnsException exception) when (tries < MaxTries && exception.InnerException is TimeoutException)
            {
                // Packets get lost.
            }
        }
    }

    private static async Task<DnsAnswer> AskOnceAsync(
        IPEndPoint server,
        string name,
        DnsRecordType type,
        bool isExtended,
        CancellationToken cancellationToken
    )
    {
        var question = DnsMessage.Ask(NewId(), name, type, isExtended);
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        // A connected socket takes messages of this server only, and tells when there is none.
        await socket.ConnectAsync(server, cancellationToken);
        await socket.SendAsync(question, cancellationToken);
        var buffer = new byte[MaxMessageBytes];
        for (var strays = 0; strays < MaxStrays; strays++)
        {
            var length = await socket.ReceiveAsync(buffer, cancellationToken);
            if (TryRead(buffer.AsSpan(0, length), question, type) is { } answer)
            {
                return answer;
            }
        }
        throw new DnsException("it sends nothing but messages that answer something else");
    }

    private static async Task<DnsAnswer> AskByTcpAsync(
        IPEndPoint server,
        string name,
        DnsRecordType type,
        CancellationToken cancellationToken
    )
    {
        var question = DnsMessage.Ask(NewId(), name, type, isExtended: false);
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancellationToken);
        var stream = new NetworkStream(socket);
        await using var disposal = stream;
        var length = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)question.Length);
        await stream.WriteAsync((byte[])[.. length, .. question], cancellationToken);
        await stream.ReadExactlyAsync(length, cancellationToken);
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(message, cancellationToken);
        return TryRead(message, question, type) ?? throw new DnsException("it answers another question over TCP");
    }

    private static DnsAnswer? TryRead(ReadOnlySpan<byte> message, ReadOnlySpan<byte> question, DnsRecordType type) =>
        DnsMessage.IsAnswerTo(message, question) ? DnsMessage.Read(message, type) : null;

    private async Task<DnsAnswer> InTimeAsync(
        Func<CancellationToken, Task<DnsAnswer>> ask,
        CancellationToken cancellationToken
    )
    {
        using var timer = new CancellationTokenSource(Timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            return await ask(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DnsException($"no answer within {Timeout.TotalSeconds} s", new TimeoutException());
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new DnsException(exception.Message, exception);
        }
    }

    private static ushort NewId() => (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
}
