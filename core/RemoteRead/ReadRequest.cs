using System.Text;
using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.Patterns;
using Tributary.PromQL.Syntax;

namespace Tributary.RemoteRead;

/// <summary>What a Prometheus asks for by <c>remote_read</c>.</summary>
/// <remarks>
/// <c>prometheus.ReadRequest</c> in a snappy block; see
/// <see href="https://prometheus.io/docs/prometheus/latest/querying/remote_read_api/"/>. The hints are not looked at.
/// </remarks>
/// <param name="Queries">The queries; the answer has as many results.</param>
/// <param name="IsChunked">Whether the answer is a stream of chunks; else it is one message of samples.</param>
internal sealed record ReadRequest(IReadOnlyList<ReadQuery> Queries, bool IsChunked)
{
    /// <summary>The longest request that is read, compressed and not.</summary>
    public const int MaxBytes = 32 * 1024 * 1024;

    private const int MaxQueries = 1000;
    private const int MaxMatchers = 10_000;
    private const ulong Samples = 0;
    private const ulong StreamedXorChunks = 1;

    /// <summary>Reads a request.</summary>
    /// <exception cref="ReadRequestException">It is none.</exception>
    public static ReadRequest Parse(ReadOnlySpan<byte> body)
    {
        try
        {
            return ParseMessage(SnappyBlock.Decode(body, MaxBytes));
        }
        catch (CorruptDataException exception)
        {
            throw new ReadRequestException(exception.Message, exception);
        }
        catch (ExpositionException exception)
        {
            throw new ReadRequestException($"the request is no prometheus.ReadRequest: {exception.Message}", exception);
        }
    }

    private static ReadRequest ParseMessage(byte[] message)
    {
        var queries = new List<ReadQuery>();
        var accepted = new List<ulong>();
        var reader = new WireReader(message, 0);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    queries.Add(ParseQuery(reader.ReadMessage("queries")));
                    break;
                case 2:
                    reader.AddNumbers("accepted_response_types", accepted);
                    break;
                default:
                    reader.Skip();
                    break;
            }
            if (queries.Count > MaxQueries)
            {
                throw new ReadRequestException($"more than {MaxQueries} queries in one request");
            }
        }
        return new ReadRequest(queries, IsChunkedIn(accepted));
    }

    /// <summary>The first of the accepted types that there is; samples when none is named.</summary>
    private static bool IsChunkedIn(List<ulong> accepted)
    {
        foreach (var type in accepted)
        {
            if (type is Samples or StreamedXorChunks)
            {
                return type is StreamedXorChunks;
            }
        }
        return accepted.Count == 0
            ? false
            : throw new ReadRequestException(
                $"server does not support any of the requested response types: {string.Join(", ", accepted.Take(10))}; "
                    + "supported: SAMPLES (0), STREAMED_XOR_CHUNKS (1)"
            );
    }

    private static ReadQuery ParseQuery(WireReader reader)
    {
        var (startMs, endMs) = (0L, 0L);
        var matchers = new List<LabelMatcher>();
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    startMs = (long)reader.ReadNumber("start_timestamp_ms");
                    break;
                case 2:
                    endMs = (long)reader.ReadNumber("end_timestamp_ms");
                    break;
                case 3:
                    matchers.Add(ParseMatcher(reader.ReadMessage("matchers")));
                    break;
                default:
                    reader.Skip();
                    break;
            }
            if (matchers.Count > MaxMatchers)
            {
                throw new ReadRequestException($"more than {MaxMatchers} matchers in one query");
            }
        }
        return new ReadQuery(new TimeRange(startMs, endMs), matchers);
    }

    private static LabelMatcher ParseMatcher(WireReader reader)
    {
        var type = 0UL;
        var (name, value) = ("", "");
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    type = reader.ReadNumber("type");
                    break;
                case 2:
                    name = Encoding.UTF8.GetString(reader.ReadBytes("name"));
                    break;
                case 3:
                    value = Encoding.UTF8.GetString(reader.ReadBytes("value"));
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        var @operator = type switch
        {
            0 => MatchOperator.Equal,
            1 => MatchOperator.NotEqual,
            2 => MatchOperator.Regex,
            3 => MatchOperator.NotRegex,
            _ => throw new ReadRequestException($"invalid matcher type {type}"),
        };
        try
        {
            return new LabelMatcher(name, @operator, value);
        }
        catch (PatternException exception)
        {
            throw new ReadRequestException($"the matcher of {name}: {exception.Message}", exception);
        }
    }
}
