using System.Globalization;

namespace Tributary.Benchmarks.Measuring;

/// <summary>Counts the bytes of an HTTP body through its framing: a length, chunks, or the end of the connection.</summary>
internal sealed class RawBody
{
    private readonly MemoryStream? kept;
    private readonly bool chunked;
    private readonly long length = -1;
    private State state = State.Size;
    private long left;

    public RawBody(string head, MemoryStream? kept)
    {
        this.kept = kept;
        var lines = head.Split("\r\n");
        var status = lines[0].Split(' ');
        if (
            status.Length < 2
            || !int.TryParse(status[1], NumberStyles.None, CultureInfo.InvariantCulture, out var code)
        )
        {
            throw new BenchmarkException($"not HTTP: {lines[0]}");
        }

        Status = code;
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var (name, value) = colon < 0 ? ("", "") : (line[..colon], line[(colon + 1)..].Trim());
            if (name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase))
            {
                chunked = value.Equals("chunked", StringComparison.OrdinalIgnoreCase);
            }
            else if (name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                length = long.Parse(value, CultureInfo.InvariantCulture);
            }
        }
    }

    private enum State
    {
        Size,
        Extension,
        Data,
        DataEnd,
        Trailer,
        TrailerLine,
    }

    public int Status { get; }

    public long Bytes { get; private set; }

    /// <summary>Takes what was received; true when the body is whole.</summary>
    public bool Take(ReadOnlySpan<byte> received)
    {
        if (chunked)
        {
            return TakeChunks(received);
        }

        Count(received);
        return length >= 0 && Bytes >= length;
    }

    /// <summary>The connection ended.</summary>
    /// <exception cref="BenchmarkException">The body did not.</exception>
    public bool End() =>
        !chunked && length < 0 ? true : throw new BenchmarkException($"the answer was cut after {Bytes} bytes");

    private void Count(ReadOnlySpan<byte> data)
    {
        Bytes += data.Length;
        kept?.Write(data);
    }

    private bool TakeChunks(ReadOnlySpan<byte> rest)
    {
        while (rest.Length > 0)
        {
            if (state == State.Data)
            {
                var part = (int)Math.Min(left, rest.Length);
                Count(rest[..part]);
                rest = rest[part..];
                left -= part;
                state = left == 0 ? State.DataEnd : State.Data;
                continue;
            }

            var next = rest[0];
            rest = rest[1..];
            if (Step(next))
            {
                return true;
            }
        }

        return false;
    }

    private bool Step(byte next)
    {
        switch (state)
        {
            case State.DataEnd:
                state = next == '\n' ? State.Size : State.DataEnd;
                break;
            case State.Trailer when next == '\n':
                return true;
            case State.Trailer:
                state = next == '\r' ? State.Trailer : State.TrailerLine;
                break;
            case State.TrailerLine:
                state = next == '\n' ? State.Trailer : State.TrailerLine;
                break;
            case State.Size when char.IsAsciiHexDigit((char)next):
                left = 16 * left + Convert.ToInt32(((char)next).ToString(), 16);
                break;
            default:
                state = next == '\n' ? (left == 0 ? State.Trailer : State.Data) : State.Extension;
                break;
        }

        return false;
    }
}
