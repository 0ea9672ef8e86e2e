using Tributary.Model;
using Tributary.PromQL.Notation;

namespace Tributary.Tests.Unit.Conformance.Scripts;

/// <summary>The command <c>load</c> or <c>load_with_nhcb</c> of a script.</summary>
/// <param name="StepMs">The time between two items.</param>
/// <param name="Series">The lines, with the start timestamps of each item where there are some.</param>
/// <param name="WithCustomBuckets">Whether classic histograms also become native ones.</param>
internal sealed record ScriptLoad(
    long StepMs,
    IReadOnlyList<(SeriesNotation Series, long?[]? Starts)> Series,
    bool WithCustomBuckets
) : ScriptCommand
{
    private const string StartSuffix = "@st";

    /// <summary>Reads the command.</summary>
    public static ScriptLoad Parse(string line, IEnumerable<string> body)
    {
        var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        var series = new List<(SeriesNotation, long?[]?)>();
        long?[]? starts = null;
        foreach (var item in body)
        {
            SeriesNotation.ParseLabels(item, out var end);
            if (item[end..].StartsWith(StartSuffix, StringComparison.Ordinal))
            {
                starts = [.. ParseStarts(item[(end + StartSuffix.Length)..])];
                continue;
            }
            series.Add((SeriesNotation.Parse(item), starts));
            starts = null;
        }
        // Of lines for the same series, the last counts.
        series = [.. series.GroupBy(line => line.Item1.Labels).Select(lines => lines.Last())];
        var withCustomBuckets = words[0].Equals("load_with_nhcb", StringComparison.OrdinalIgnoreCase);
        return new ScriptLoad(ScriptTime.Parse(words[1]), series, withCustomBuckets);
    }

    /// <summary>Adds the samples to a store.</summary>
    public void Apply(ScriptStore store)
    {
        foreach (var (series, starts) in Series)
        {
            for (var i = 0; i < series.Values.Count; i++)
            {
                var time = i * StepMs;
                store.Add(series.Labels, time, series.Values[i], starts?[i] is { } start ? time + start : 0);
            }
        }
        if (WithCustomBuckets)
        {
            AddCustomBuckets(store);
        }
    }

    private static IEnumerable<long?> ParseStarts(string text)
    {
        foreach (var word in text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            var token = word;
            var times = ValueNotation.TakeTimes(ref token);
            if (token == "_")
            {
                for (var i = 0; i < Math.Max(times, 1); i++)
                {
                    yield return null;
                }
                continue;
            }
            var sign = token.LastIndexOfAny(['+', '-']);
            var start = ScriptTime.Parse(sign > 0 ? token[..sign] : token);
            var step = sign > 0 ? ScriptTime.Parse(token[sign..]) : 0;
            for (var i = 0; i <= Math.Max(times, 0); i++)
            {
                yield return start + (i * step);
            }
        }
    }

    private void AddCustomBuckets(ScriptStore store)
    {
        var classic = new Dictionary<LabelSet, SortedDictionary<long, ClassicHistogram>>();
        foreach (var (series, _) in Series)
        {
            var name = series.Labels.MetricName;
            var suffix = new[] { "_bucket", "_count", "_sum" }.FirstOrDefault(end =>
                name.EndsWith(end, StringComparison.Ordinal)
            );
            if (suffix is null)
            {
                continue;
            }
            var bound = 0.0;
            if (suffix == "_bucket" && (!TryBound(series.Labels.Get("le"), out bound) || double.IsNaN(bound)))
            {
                continue;
            }
            var labels = LabelSet.Of(
                series
                    .Labels.Labels.ToArray()
                    .Where(label => label.Name != "le" && label.Name != LabelSet.MetricNameLabel)
                    .Append(new Label(LabelSet.MetricNameLabel, name[..^suffix.Length]))
            );
            if (!classic.TryGetValue(labels, out var byTime))
            {
                classic.Add(labels, byTime = []);
            }
            Collect(byTime, series, suffix, bound);
        }
        foreach (var (labels, byTime) in classic)
        {
            foreach (var (time, histogram) in byTime)
            {
                store.Add(labels, time, NotedValue.Of(histogram.ToNative(), hasHint: false), 0);
            }
        }
    }

    private void Collect(
        SortedDictionary<long, ClassicHistogram> byTime,
        SeriesNotation series,
        string suffix,
        double bound
    )
    {
        for (var i = 0; i < series.Values.Count; i++)
        {
            var item = series.Values[i];
            if (item.IsOmitted || item.Histogram is not null)
            {
                continue;
            }
            if (!byTime.TryGetValue(i * StepMs, out var histogram))
            {
                byTime.Add(i * StepMs, histogram = new ClassicHistogram());
            }
            switch (suffix)
            {
                case "_bucket":
                    histogram.Buckets[bound] = item.Value;
                    break;
                case "_count":
                    histogram.Count = item.Value;
                    break;
                default:
                    histogram.Sum = item.Value;
                    break;
            }
        }
    }

    private static bool TryBound(string? text, out double bound)
    {
        bound = 0;
        return text is not null && ValueNotation.TryNumber(text, out bound);
    }

    private sealed class ClassicHistogram
    {
        public SortedDictionary<double, double> Buckets { get; } = [];

        public double? Count { get; set; }

        public double Sum { get; set; }

        public Histogram ToNative()
        {
            var count = Count ?? Buckets.Values.LastOrDefault();
            if (!Buckets.ContainsKey(double.PositiveInfinity))
            {
                Buckets.Add(double.PositiveInfinity, count);
            }
            var counts = new List<double>();
            var before = 0.0;
            foreach (var cumulative in Buckets.Values)
            {
                counts.Add(cumulative - before);
                before = cumulative;
            }
            var bounds = Buckets.Keys.Where(bound => !double.IsPositiveInfinity(bound)).ToArray();
            var layout = new HistogramLayout(
                HistogramLayout.CustomSchema,
                0,
                [new BucketSpan(0, counts.Count)],
                [],
                bounds
            );
            return Histogram.OfFloats(layout, count, 0, Sum, [.. counts]).Compact();
        }
    }
}
