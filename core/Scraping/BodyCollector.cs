using System.Globalization;
using System.Runtime.CompilerServices;
using Tributary.Configuration;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>Collects the samples of a source's bodies, one body after the other, into columns that it uses again.</summary>
/// <param name="series">Where equal label sets become one.</param>
/// <param name="limits">What a body may hold.</param>
/// <param name="budget">What the series of all sources may take.</param>
internal sealed class BodyCollector(SeriesTable series, ScrapeLimits limits, SeriesBudget budget)
{
    private readonly SeriesText text = new(series.Labels);
    private readonly HashSet<(int Number, long TimestampMs)> repeated = [];
    private SeriesCache cache = new(budget);
    private ExpositionFormat expected = ExpositionFormat.Text;
    private LabelSet targetLabels = LabelSet.Empty;
    private SeriesRules? rules;
    private bool honorTimestamps;
    private long stampMs;
    private long sampleLimit;
    private long minMs;
    private long maxMs;
    private int body;
    private bool isBeyondBudget;
    private int refused;
    private HistogramRules histogramRules = new(0, 0);
    private bool isBucketLimitPassed;
    private int[] kept = [];
    private int[] listed = [];
    private SeriesList list = SeriesList.Empty;
    private SeriesList? collected;
    private long[] timestampsMs = [];
    private double[] values = [];
    private Histogram?[] histograms = [];
    private bool hasHistograms;
    private long buckets;

    /// <summary>The types and help texts.</summary>
    public MetadataCache Metadata { get; } = new(budget);

    /// <summary>Samples of the body that were kept.</summary>
    public int Count { get; private set; }

    /// <summary>Samples of the body, the one included whose labels failed it.</summary>
    public int Scraped => cache.LineCount + refused;

    /// <summary>Samples that the job's rules left.</summary>
    public int Relabeled => cache.LineCount - Dropped;

    /// <summary>Texts of series in the body that the bodies since the last usable one did not have.</summary>
    public int Added { get; private set; }

    /// <summary>Whether there was no usable body yet.</summary>
    public bool IsFirst => cache.IsFirst;

    /// <summary>Samples whose series is dropped.</summary>
    public int Dropped { get; private set; }

    /// <summary>Samples that were too old or too far ahead.</summary>
    public int OutOfBounds { get; private set; }

    /// <summary>Samples whose series had one at that timestamp before.</summary>
    public int Duplicates { get; private set; }

    /// <summary>The label set of the last sample kept, or null.</summary>
    public LabelSet? LastSeries => Count == 0 ? null : cache[kept[Count - 1]].Series;

    /// <summary>Begins a body.</summary>
    /// <param name="labels">The target's labels.</param>
    /// <param name="config">Its job.</param>
    /// <param name="stamp">The timestamp of samples without one, milliseconds since the epoch.</param>
    /// <param name="bounds">The timestamps that are accepted.</param>
    public void Begin(LabelSet labels, ScrapeConfig config, long stamp, TimeRange bounds)
    {
        if (rules is null || !rules.IsLike(config) || !labels.Equals(targetLabels))
        {
            // The label sets in the cache were merged with other labels, or relabelled by other rules.
            Forget();
            rules = new SeriesRules(config, series.Labels);
        }
        (targetLabels, honorTimestamps) = (labels, config.HonorTimestamps);
        (stampMs, sampleLimit) = (stamp, config.Limits.SampleLimit);
        (minMs, maxMs) = (bounds.MinMs, bounds.MaxMs);
        (Added, refused) = (0, 0);
        histogramRules = histogramRules.For(config.NativeHistograms);
        isBucketLimitPassed = false;
        buckets = 0;
        ClearHistograms();
        collected = null;
        repeated.Clear();
        (Count, Dropped, OutOfBounds, Duplicates) = (0, 0, 0, 0);
        body = cache.Begin();
        Metadata.Begin();
    }

    /// <summary>Says in which format the body is, before its first line is read.</summary>
    public void Expect(ExpositionFormat format)
    {
        if (format != expected)
        {
            // A text that is known is not parsed again, and another format may not allow it.
            expected = format;
            Forget();
            body = cache.Begin();
        }
    }

    /// <summary>Forgets all series, and gives their memory back.</summary>
    public void Forget()
    {
        cache.Release();
        cache = new SeriesCache(budget);
        histogramRules.Forget();
        listed = [];
        list = SeriesList.Empty;
        isBeyondBudget = false;
    }

    /// <summary>Reads all whole lines.</summary>
    /// <exception cref="ExpositionException">A line is not in the format, or a limit is passed.</exception>
    public void Read<TReader>(ref TReader reader)
        where TReader : struct, IExpositionReader, allows ref struct
    {
        while (true)
        {
            var next = cache.Expected;
            if (next >= 0)
            {
                ref var entry = ref cache[next];
                if (reader.TryReadExpected(entry.TextLength, entry.TextHash))
                {
                    cache.AcceptExpected(next);
                    var timestampMs = reader.HasTimestamp && honorTimestamps ? reader.TimestampMs : stampMs;
                    if (cache.HasNewExpected)
                    {
                        KeepAndCount(next, timestampMs, reader.Value);
                    }
                    else
                    {
                        Keep(ref entry, timestampMs, reader.Value);
                    }
                    if (cache.LineCount > limits.MaxSamples)
                    {
                        throw TooManySamples(ref reader);
                    }
                    continue;
                }
            }
            switch (reader.Read())
            {
                case TextEntry.End:
                    return;
                case TextEntry.Sample or TextEntry.Histogram:
                    KeepUnexpected(ref reader);
                    break;
                case var entry:
                    Observe(ref reader, entry);
                    break;
            }
        }
    }

    /// <summary>The series of what was kept, after the last <see cref="Read"/>: the last body's object when they are the same.</summary>
    public SeriesList Series => collected ??= IsListed ? list : BuildList(kept.AsSpan(0, Count));

    private bool IsListed => kept.AsSpan(0, Count).SequenceEqual(listed.AsSpan(0, list.Count));

    /// <summary>Whether the body has more samples than the job allows, after its rules; only before <see cref="End"/>.</summary>
    /// <returns>Null, or the error.</returns>
    public string? FindBreach()
    {
        if (sampleLimit <= 0 || Relabeled <= sampleLimit)
        {
            return isBucketLimitPassed ? histogramRules.LimitProblem : null;
        }
        // As in Prometheus a text that is there again without a timestamp of its own does not count.
        var counted = Relabeled - (Duplicates == 0 ? 0 : Math.Min(Duplicates, cache.CountRepeatedLines()));
        return counted <= sampleLimit
            ? isBucketLimitPassed
                ? histogramRules.LimitProblem
                : null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"sample_limit exceeded: the body has {counted} samples after relabelling, the limit is {sampleLimit}"
            );
    }

    /// <summary>Whether the body had a sample of a series, kept or not; only before <see cref="End"/>.</summary>
    public bool WasExposed(LabelSet labels) => cache.WasExposed(labels);

    /// <summary>Removes from a table the series of which the body had a sample; only before <see cref="End"/>.</summary>
    public void RemoveExposed(Dictionary<LabelSet, long> table) => cache.RemoveExposed(table);

    /// <summary>Ends the body and returns what was kept; the columns are valid until the next <see cref="Begin"/>.</summary>
    /// <param name="verdict">How it ended.</param>
    /// <param name="isEmpty">Whether it had no byte.</param>
    public SampleColumns End(Verdict verdict, bool isEmpty)
    {
        var result = verdict is Verdict.Failed ? SeriesList.Empty : Series;
        if (cache.End(verdict, isEmpty) && !ReferenceEquals(result, list))
        {
            (kept, listed) = (listed, kept);
            list = result;
            if (kept.Length < timestampsMs.Length)
            {
                kept = new int[timestampsMs.Length];
            }
        }
        Metadata.End();
        if (isBeyondBudget)
        {
            Forget();
            Metadata.Release();
        }
        return verdict is Verdict.Failed
            ? new SampleColumns(result, default, default)
            : new SampleColumns(result, timestampsMs.AsMemory(0, Count), values.AsMemory(0, Count))
            {
                Histograms = hasHistograms ? histograms.AsMemory(0, Count) : default,
            };
    }

    private void Observe<TReader>(ref TReader reader, TextEntry entry)
        where TReader : struct, IExpositionReader, allows ref struct
    {
        var count = Metadata.Observe(entry, reader.Family, reader.Text, TReader.IsOpenMetrics);
        if (count < 0)
        {
            isBeyondBudget = true;
            throw NoMemory(ref reader);
        }
        if (count > limits.MaxFamilies)
        {
            throw reader.Error($"more than {limits.MaxFamilies} metric families", reader.Consumed);
        }
    }

    private void KeepUnexpected<TReader>(ref TReader reader)
        where TReader : struct, IExpositionReader, allows ref struct
    {
        var hash = ByteHash.Compute128(reader.Series);
        if (!cache.TryFind(hash, out var number))
        {
            if (cache.LineCount >= limits.MaxSamples)
            {
                throw TooManySamples(ref reader);
            }
            number = cache.Add(reader.Series, hash, ParseSeries(ref reader));
            if (number < 0)
            {
                isBeyondBudget = true;
                throw NoMemory(ref reader);
            }
        }
        cache.Accept(number);
        if (cache.LineCount > limits.MaxSamples)
        {
            throw TooManySamples(ref reader);
        }
        var timestampMs = reader.HasTimestamp && honorTimestamps ? reader.TimestampMs : stampMs;
        if (reader.Histogram is { } histogram)
        {
            KeepHistogram(ref reader, number, timestampMs, histogram);
        }
        else
        {
            KeepAndCount(number, timestampMs, reader.Value);
        }
    }

    private void KeepHistogram<TReader>(ref TReader reader, int number, long timestampMs, Histogram histogram)
        where TReader : struct, IExpositionReader, allows ref struct
    {
        if (cache[number].Series is null)
        {
            Dropped++;
            return;
        }
        if (histogramRules.TryApply(cache[number].Canonical, ref histogram) is { } problem)
        {
            throw reader.ErrorInSample(problem);
        }
        if (histogramRules.IsTooLarge(histogram))
        {
            // As in Prometheus the body is read on, and fails at its end.
            isBucketLimitPassed = true;
            return;
        }
        buckets += histogram.Layout.BucketCount;
        if (buckets > limits.MaxBuckets)
        {
            throw reader.ErrorInSample($"more than {limits.MaxBuckets} buckets of native histograms");
        }
        var before = Count;
        KeepAndCount(number, timestampMs, StaleMarker.NormalNaN);
        if (Count > before)
        {
            hasHistograms = true;
            if (histograms.Length < values.Length)
            {
                Array.Resize(ref histograms, values.Length);
            }
            histograms[before] = histogram;
        }
    }

    private void ClearHistograms()
    {
        if (hasHistograms)
        {
            histograms.AsSpan().Clear();
            hasHistograms = false;
        }
    }

    /// <summary>Keeps a sample, and counts its text as a new one if it is: two texts of one series are two, as in Prometheus.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void KeepAndCount(int number, long timestampMs, double value)
    {
        var before = OutOfBounds + Dropped;
        Keep(ref cache[number], timestampMs, value);
        // What is beyond the limit does not count, and a series that was out of bounds is new the next time, too.
        if (OutOfBounds + Dropped == before && (sampleLimit == 0 || Relabeled - Duplicates <= sampleLimit))
        {
            Added += cache.TryMarkKnown(number) ? 1 : 0;
        }
    }

    private LabelSet? ParseSeries<TReader>(ref TReader reader)
        where TReader : struct, IExpositionReader, allows ref struct
    {
        var type = Metadata.CurrentType;
        if (text.Parse(reader.Series, type, limits.MaxLabelsPerSeries, TReader.IsOpenMetrics) is { } problem)
        {
            throw reader.ErrorInSample(problem);
        }
        if (rules!.Decide(text, targetLabels, out var stored) is { } refusal)
        {
            refused = 1;
            throw reader.ErrorInSample(refusal);
        }
        return stored is null ? null : series.Intern(stored);
    }

    private ExpositionException TooManySamples<TReader>(ref TReader reader)
        where TReader : struct, IExpositionReader, allows ref struct =>
        new($"more than {limits.MaxSamples} samples", reader.Line - 1, reader.Offset, []);

    private ExpositionException NoMemory<TReader>(ref TReader reader)
        where TReader : struct, IExpositionReader, allows ref struct =>
        new(
            $"no memory for more series: after {cache.LineCount} lines of this body the series of all sources take "
                + $"{budget.TakenBytes >> 20} MiB of {budget.LimitBytes >> 20} MiB. Give the process more memory, or "
                + "collect less of this source: fewer match[] selectors, or several smaller sources",
            reader.Line - 1,
            reader.Offset,
            []
        );

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Keep(ref SeriesCache.Entry entry, long timestampMs, double value)
    {
        if (entry.Series is null)
        {
            Dropped++;
            return;
        }
        if (timestampMs < minMs || timestampMs > maxMs)
        {
            OutOfBounds++;
            return;
        }
        ref var canonical = ref cache[entry.Canonical];
        if (canonical.StoredIn != body)
        {
            canonical.StoredIn = body;
            canonical.Position = Count;
        }
        else if (IsDuplicate(entry.Canonical, canonical.Position, timestampMs))
        {
            Duplicates++;
            return;
        }
        if (Count == timestampsMs.Length)
        {
            Grow();
        }
        kept[Count] = entry.Canonical;
        timestampsMs[Count] = timestampMs;
        values[Count] = value;
        Count++;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsDuplicate(int number, int firstPosition, long timestampMs)
    {
        repeated.Add((number, timestampsMs[firstPosition]));
        return !repeated.Add((number, timestampMs));
    }

    private void Grow()
    {
        var length = Math.Max(256, 2 * Count);
        Array.Resize(ref kept, length);
        Array.Resize(ref timestampsMs, length);
        Array.Resize(ref values, length);
        if (hasHistograms)
        {
            Array.Resize(ref histograms, length);
        }
    }

    private SeriesList BuildList(ReadOnlySpan<int> sequence)
    {
        if (sequence.IsEmpty)
        {
            return SeriesList.Empty;
        }
        var sets = new LabelSet[sequence.Length];
        for (var i = 0; i < sets.Length; i++)
        {
            sets[i] = cache[sequence[i]].Series!;
        }
        return new SeriesList(sets);
    }
}
