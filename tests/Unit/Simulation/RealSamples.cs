using System.Globalization;
using Tributary.Model;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The model's samples as real ones: a float that is the number, or a native histogram that tells it.</summary>
internal static class RealSamples
{
    private const int BucketKinds = 5;

    /// <summary>One column with the sample.</summary>
    public static SampleColumns Encode(StandInSample sample)
    {
        var list = new SeriesList([LabelsOf(sample)]);
        var columns = new SampleColumns(list, new[] { sample.TimestampMs }, new[] { (double)sample.Number });
        return IsHistogram(sample)
            ? columns with
            {
                Values = new[] { StaleMarker.NormalNaN },
                Histograms = new Histogram?[] { HistogramOf(sample.Number) },
            }
            : columns;
    }

    /// <summary>The samples of an answer.</summary>
    /// <exception cref="InvalidDataException">Series or samples are there twice or out of order, or a value is changed.</exception>
    public static SortedSet<StandInSample> Decode(string who, IReadOnlyList<SelectedSeries> answer)
    {
        var samples = new SortedSet<StandInSample>();
        for (var i = 0; i < answer.Count; i++)
        {
            var series = answer[i];
            Require(
                i == 0 || answer[i - 1].Labels.CompareTo(series.Labels) < 0,
                $"doubled: {who} is shown series {series.Labels} twice, or out of order"
            );
            RequireOrder(who, series.Samples.Select(sample => sample.TimestampMs));
            RequireOrder(who, series.Histograms.Select(sample => sample.TimestampMs));
            foreach (var (timestampMs, value) in series.Samples)
            {
                Add(who, samples, series.Labels, new StandInSample((int)value, timestampMs), isHistogram: false);
            }
            foreach (var (timestampMs, value) in series.Histograms)
            {
                var sample = new StandInSample((int)value.Sum, timestampMs);
                Add(who, samples, series.Labels, sample, isHistogram: true);
                // What a chunk says of resets depends on what is before it; the counts do not.
                Require(
                    value.Compact().With(CounterResetHint.Unknown).Equals(HistogramOf(sample.Number).Compact()),
                    $"changed: {who} is shown another histogram than {sample.Number}"
                );
            }
        }
        return samples;
    }

    private static void Add(
        string who,
        SortedSet<StandInSample> samples,
        LabelSet labels,
        StandInSample sample,
        bool isHistogram
    )
    {
        Require(
            labels.Equals(LabelsOf(sample)) && isHistogram == IsHistogram(sample),
            $"invented: {who} is shown sample {sample.Number} in {labels}"
        );
        Require(samples.Add(sample), $"doubled: {who} is shown sample {sample.Number} twice");
    }

    private static void RequireOrder(string who, IEnumerable<long> timesMs)
    {
        var last = long.MinValue;
        foreach (var timestampMs in timesMs)
        {
            Require(timestampMs > last, $"doubled: {who} is shown two samples of a series at {timestampMs}");
            last = timestampMs;
        }
    }

    private static bool IsHistogram(StandInSample sample) => sample.Number / 4 % 3 == 0;

    private static LabelSet LabelsOf(StandInSample sample) =>
        LabelSet.Of(
            "__name__",
            sample.Series,
            "shard",
            (sample.Number / 16 % 2).ToString(CultureInfo.InvariantCulture)
        );

    /// <summary>Buckets come and go with the number, so that chunks are encoded anew and end.</summary>
    private static Histogram HistogramOf(int number)
    {
        var buckets = new long[1 + (number % BucketKinds)];
        for (var i = 0; i < buckets.Length; i++)
        {
            buckets[i] = number + i + 1;
        }
        var layout = new HistogramLayout(3, 0.001, [new BucketSpan(number % 3, buckets.Length)], [], []);
        return Histogram.OfIntegers(layout, (ulong)buckets.Sum() + 2, 2, number, buckets);
    }

    private static void Require(bool condition, string violation)
    {
        if (!condition)
        {
            throw new InvalidDataException(violation);
        }
    }
}
