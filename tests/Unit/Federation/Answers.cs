using Tributary.Configuration;
using Tributary.Model;
using Tributary.Scraping;

namespace Tributary.Tests.Unit.Federation;

/// <summary>A body that answers are read into, and what it then holds.</summary>
internal static class Answers
{
    public const long FromMs = 1_000_000;
    public const long ToMs = 2_000_000_000_000;

    /// <summary>A body that takes everything as the source sends it.</summary>
    public static PulledBody Body(
        bool wantsHistograms = false,
        ScrapeLimits? limits = null,
        SeriesBudget? budget = null
    )
    {
        var body = new PulledBody(new SeriesTable(), limits ?? new ScrapeLimits(), budget ?? SeriesBudget.Unlimited);
        Begin(body, wantsHistograms);
        return body;
    }

    public static void Begin(PulledBody body, bool wantsHistograms = false)
    {
        var config = new ScrapeConfig { JobName = "job", HonorLabels = true };
        body.Begin(LabelSet.Empty, config, LabelSet.Empty, wantsHistograms, 1);
        body.BeginAnswer(FromMs, ToMs);
    }

    /// <summary>The samples as text, sorted: series, time, bits.</summary>
    public static List<string> Samples(PulledBody body) => Samples(body.End());

    public static List<string> Samples(SampleColumns columns) =>
        [
            .. Enumerable
                .Range(0, columns.Count)
                .Select(i =>
                    $"{columns.Series[i]} {columns.TimestampsMs.Span[i]} "
                    + (
                        !columns.Histograms.IsEmpty && columns.Histograms.Span[i] is { } histogram
                            ? histogram.ToString()
                            : $"{BitConverter.DoubleToUInt64Bits(columns.Values.Span[i]):x16}"
                    )
                )
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Reads bytes in pieces, as a window over a stream gives them.</summary>
    public static void Read(byte[] bytes, int piece, Reading read)
    {
        var (start, end) = (0, 0);
        while (end < bytes.Length)
        {
            end = Math.Min(bytes.Length, end + piece);
            start += read(bytes.AsSpan(start, end - start));
        }
    }

    public delegate int Reading(ReadOnlySpan<byte> window);
}
