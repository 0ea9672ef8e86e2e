using System.Buffers.Binary;
using Tributary.Configuration;

namespace Tributary.Discovery.Dns;

/// <summary>Messages between a resolver and its server.</summary>
/// <remarks>https://www.rfc-editor.org/rfc/rfc1035#section-4, https://www.rfc-editor.org/rfc/rfc2782, https://www.rfc-editor.org/rfc/rfc6891</remarks>
internal static class DnsMessage
{
    /// <summary>The name is there.</summary>
    public const int NoError = 0;

    /// <summary>The server does not understand the question.</summary>
    public const int FormatError = 1;

    /// <summary>There is no such name.</summary>
    public const int NoSuchName = 3;

    /// <summary>The longest answer over UDP that we ask for: it fits into a packet nearly everywhere.</summary>
    public const int MaxUdpBytes = 1232;

    private const int HeaderBytes = 12;
    private const int IdBytes = 2;
    private const int QuestionTail = 4;
    private const int InternetClass = 1;
    private const int OptionType = 41;
    private const int ResponseFlag = 0x8000;
    private const int OperationMask = 0x7800;
    private const int TruncatedFlag = 0x0200;
    private const int RecursionFlag = 0x0100;
    private const int CodeMask = 0xF;

    /// <summary>Type, class, lifetime and length, between the name of a record and its data.</summary>
    private const int RecordHeader = 10;

    /// <summary>Priority and weight, before the port of a record.</summary>
    private const int SrvPort = 4;

    /// <summary>A question.</summary>
    /// <param name="id">A number that cannot be guessed.</param>
    /// <param name="name">The whole name.</param>
    /// <param name="type">The kind of records.</param>
    /// <param name="isExtended">Whether a longer answer over UDP is asked for.</param>
    /// <exception cref="DnsException">The name is none.</exception>
    public static byte[] Ask(ushort id, string name, DnsRecordType type, bool isExtended)
    {
        var encoded = DnsName.Encode(name);
        var message = new byte[HeaderBytes + encoded.Length + QuestionTail + (isExtended ? 1 + RecordHeader : 0)];
        BinaryPrimitives.WriteUInt16BigEndian(message, id);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), RecursionFlag);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), 1);
        encoded.CopyTo(message, HeaderBytes);
        var rest = message.AsSpan(HeaderBytes + encoded.Length);
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], InternetClass);
        if (isExtended)
        {
            BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(10), 1);
            BinaryPrimitives.WriteUInt16BigEndian(rest[(QuestionTail + 1)..], OptionType);
            BinaryPrimitives.WriteUInt16BigEndian(rest[(QuestionTail + 3)..], MaxUdpBytes);
        }
        return message;
    }

    /// <summary>Whether a message is an answer to a question: of its number, with the question repeated.</summary>
    public static bool IsAnswerTo(ReadOnlySpan<byte> message, ReadOnlySpan<byte> question)
    {
        if (message.Length < HeaderBytes || !message[..IdBytes].SequenceEqual(question[..IdBytes]))
        {
            return false;
        }
        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        if ((flags & ResponseFlag) == 0 || (flags & OperationMask) != 0)
        {
            return false;
        }
        var asked = question[HeaderBytes..QuestionEnd(question)];
        var count = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        // Servers that do not understand a question may leave it out.
        return count == 0
            ? (flags & CodeMask) == FormatError
            : count == 1
                && message.Length >= HeaderBytes + asked.Length
                && IsSameQuestion(message.Slice(HeaderBytes, asked.Length), asked);
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="message">A message of which <see cref="IsAnswerTo"/> holds.</param>
    /// <param name="type">The kind of records that was asked for; others are passed over.</param>
    /// <exception cref="DnsException">It is damaged.</exception>
    public static DnsAnswer Read(ReadOnlySpan<byte> message, DnsRecordType type)
    {
        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        var (code, isTruncated) = (flags & CodeMask, (flags & TruncatedFlag) != 0);
        var records = new List<DnsRecord>();
        if (code != NoError || isTruncated)
        {
            return new DnsAnswer(code, isTruncated, records);
        }
        var at = QuestionEnd(message);
        for (var left = BinaryPrimitives.ReadUInt16BigEndian(message[6..]); left > 0; left--)
        {
            ReadRecord(message, ref at, type, records);
        }
        return new DnsAnswer(code, isTruncated, records);
    }

    private static void ReadRecord(ReadOnlySpan<byte> message, ref int at, DnsRecordType type, List<DnsRecord> records)
    {
        DnsName.Decode(message, ref at);
        var header = Slice(message, at, RecordHeader);
        var length = BinaryPrimitives.ReadUInt16BigEndian(header[8..]);
        var data = at + RecordHeader;
        Slice(message, data, length);
        at = data + length;
        var isAsked =
            BinaryPrimitives.ReadUInt16BigEndian(header) == (ushort)type
            && BinaryPrimitives.ReadUInt16BigEndian(header[2..]) == InternetClass;
        if (!isAsked)
        {
            return;
        }
        var (name, port) = type switch
        {
            DnsRecordType.Srv => (
                data + SrvPort + 2,
                (int)BinaryPrimitives.ReadUInt16BigEndian(Slice(message, data + SrvPort, 2))
            ),
            DnsRecordType.Mx => (data + 2, 0),
            _ => (data, 0),
        };
        var host = DnsName.Decode(message, ref name);
        records.Add(name == at ? new DnsRecord(host, port) : throw new DnsException("a record is damaged"));
    }

    private static int QuestionEnd(ReadOnlySpan<byte> message)
    {
        var at = HeaderBytes;
        for (var left = BinaryPrimitives.ReadUInt16BigEndian(message[4..]); left > 0; left--)
        {
            DnsName.Decode(message, ref at);
            at += QuestionTail;
        }
        return at;
    }

    /// <summary>Whether two questions are the same but for the case of letters.</summary>
    private static bool IsSameQuestion(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        for (var i = 0; i < left.Length; i++)
        {
            if (Lower(left[i]) != Lower(right[i]))
            {
                return false;
            }
        }
        return true;

        static int Lower(byte c) => c is >= (byte)'A' and <= (byte)'Z' ? c | 0x20 : c;
    }

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> message, int at, int length) =>
        at + length <= message.Length
            ? message.Slice(at, length)
            : throw new DnsException("the answer ends within a record");
}

/// <summary>A record that names a host.</summary>
/// <param name="Host">The host, with a dot at its end.</param>
/// <param name="Port">Its port; 0 where the kind of record has none.</param>
internal readonly record struct DnsRecord(string Host, int Port);

/// <summary>What a server answered.</summary>
/// <param name="Code">The response code, one of those of <see cref="DnsMessage"/> for instance.</param>
/// <param name="IsTruncated">Whether records are left out.</param>
/// <param name="Records">The records of the kind that was asked for.</param>
internal sealed record DnsAnswer(int Code, bool IsTruncated, IReadOnlyList<DnsRecord> Records);
