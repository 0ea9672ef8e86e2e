using Tributary.Binary;
using Tributary.Exposition;
using Tributary.Scraping;

namespace Tributary.Federation;

/// <summary>Reads the answer of a server that knows no streamed chunks: one <c>prometheus.ReadResponse</c> in a snappy block.</summary>
internal static class SamplesReader
{
    /// <summary>The longest message.</summary>
    private const int MaxMessageBytes = 4 * SourceApi.MaxWholeBytes;

    /// <summary>Reads an answer.</summary>
    /// <param name="block">The whole answer.</param>
    /// <param name="body">Gets the samples.</param>
    /// <exception cref="SourceApiException">It is damaged, or has what is not read.</exception>
    /// <exception cref="ExpositionException">It is not such a message.</exception>
    /// <exception cref="ScrapeException">A series breaks a limit.</exception>
    public static void Read(ReadOnlySpan<byte> block, PulledBody body)
    {
        var reader = new WireReader(Decompress(block), 0);
        while (reader.Next())
        {
            if (reader.Field != 1)
            {
                reader.Skip();
                continue;
            }
            var result = reader.ReadMessage("results");
            while (result.Next())
            {
                if (result.Field == 1)
                {
                    ReadSeries(result.ReadBytes("timeseries"), body);
                }
                else
                {
                    result.Skip();
                }
            }
        }
    }

    private static byte[] Decompress(ReadOnlySpan<byte> block)
    {
        try
        {
            return SnappyBlock.Decode(block, MaxMessageBytes);
        }
        catch (CorruptDataException problem)
        {
            throw new SourceApiException(SourceApiProblem.Damaged, problem.Message);
        }
    }

    private static void ReadSeries(ReadOnlySpan<byte> series, PulledBody body)
    {
        var labels = ReadLabels.LengthOf(series);
        body.BeginSeries(series[..labels], ReadLabels.Read);
        var reader = new WireReader(series[labels..], 0);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    throw new SourceApiException(SourceApiProblem.Damaged, "labels stand behind their series' samples");
                case 2:
                    ReadSample(reader.ReadMessage("samples"), body);
                    break;
                case 4 when body.WantsHistograms:
                    throw new SourceApiException(
                        SourceApiProblem.Refused,
                        "the source answers with samples instead of chunks, and native histograms are not read from them"
                    );
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private static void ReadSample(WireReader reader, PulledBody body)
    {
        var (value, timestampMs) = (0.0, 0L);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    value = reader.ReadDouble("value");
                    break;
                case 2:
                    timestampMs = (long)reader.ReadNumber("timestamp");
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        body.Add(timestampMs, value);
    }
}
