using System.Runtime.CompilerServices;
using Tributary.Configuration;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>Collects the samples of a source's pulls: all raw samples of each series, answer by answer, in the order of time.</summary>
/// <remarks>
/// A series goes the same way as a scraped one: target's labels, rules, limits, interning. Samples that are stored already
/// are passed over. Not safe for several threads.
/// </remarks>
/// <param name="table">Where equal label sets become one.</param>
/// <param name="limits">What a source may send.</param>
/// <param name="budget">What the series of all sources may take.</param>
internal sealed class PulledBody(SeriesTable table, ScrapeLimits limits, SeriesBudget budget)
{
    private const string InstanceLabel = "instance";

    /// <summary>So much more room than was needed is given back.</summary>
    private const int MaxSpare = 4;

    private readonly SeriesText text = new(table.Labels);
    private readonly List<(string Name, string Value)> given = [];
    private readonly List<int> touched = [];
    private readonly List<(int Number, long TimestampMs, bool IsHistogram)> markers = [];
    private readonly RoundOrder rounds = new();
    private PulledSeries series = new(budget);
    private SeriesRules? rules;
    private HistogramRules histogramRules = new(0, 0);
    private LabelSet targetLabels = LabelSet.Empty;
    private LabelSet externalLabels = LabelSet.Empty;
    private bool keepsHistograms;
    private HashSet<LabelSet>? sightings;
    private int pull;
    private int current = -1;
    private bool isNew;
    private long floorMs;
    private long lastMs;
    private long fromMs;
    private long toMs;
    private int[] numbers = [];
    private long[] timestampsMs = [];
    private double[] values = [];
    private Histogram?[] histograms = [];
    private bool hasHistograms;
    private long begunMs;
    private long storedAfterMs;
    private long buckets;

    /// <summary>Reads the labels of a series from its bytes.</summary>
    internal delegate void LabelReader(ReadOnlySpan<byte> bytes, List<(string Name, string Value)> labels);

    /// <summary>The most samples of one pull.</summary>
    public int MaxSamples { get; set; } = limits.MaxSamples;

    /// <summary>The tick of the pull, milliseconds since the epoch.</summary>
    public long TickMs { get; private set; }

    /// <summary>Samples that were kept so far.</summary>
    public int Count { get; private set; }

    /// <summary>Samples that were read: kept, dropped by rules, doubled; none that were stored before.</summary>
    public int Scraped { get; private set; }

    /// <summary>Samples that the job's rules left.</summary>
    public int Relabeled { get; private set; }

    /// <summary>Samples whose series had one at that timestamp.</summary>
    public int Duplicates { get; private set; }

    /// <summary>The time of the newest sample of the pull, stored before or not; 0 for none.</summary>
    public long NewestMs { get; private set; }

    /// <summary>Whether native histograms are kept; else a source's are left out, as <c>/federate</c> does in its text.</summary>
    public bool WantsHistograms => keepsHistograms;

    /// <summary>Whether nothing is known of any series.</summary>
    public bool IsFirst => series.Count == 0;

    /// <summary>Series of which there are samples in the pull, and of which none was stored before.</summary>
    public int Added { get; private set; }

    /// <summary>Series of which there are samples in the pull.</summary>
    public int SeriesCount { get; private set; }

    /// <summary>Begins a pull.</summary>
    /// <param name="labels">The target's labels.</param>
    /// <param name="config">Its job.</param>
    /// <param name="external">The labels that each series gets which does not have them.</param>
    /// <param name="wantsHistograms">Whether native histograms are kept.</param>
    /// <param name="tickMs">The tick.</param>
    public void Begin(LabelSet labels, ScrapeConfig config, LabelSet external, bool wantsHistograms, long tickMs)
    {
        if (
            rules is null
            || !rules.IsLike(config)
            || !labels.Equals(targetLabels)
            || !external.Equals(externalLabels)
            || keepsHistograms != wantsHistograms
        )
        {
            Forget();
            rules = new SeriesRules(config, table.Labels);
        }
        (targetLabels, externalLabels, keepsHistograms, TickMs) = (labels, external, wantsHistograms, tickMs);
        histogramRules = histogramRules.For(config.NativeHistograms);
        Clear();
        pull++;
    }

    /// <summary>
    /// Says from where on samples are pulled. What is stored is passed over by the newest time of each series: that holds
    /// only for what lies behind the beginning of the pull before.
    /// </summary>
    /// <param name="afterMs">The last moment before the pull.</param>
    public void BeginRange(long afterMs)
    {
        if (afterMs < storedAfterMs)
        {
            series.ForgetTimes();
        }
        begunMs = afterMs;
    }

    /// <summary>Begins a pull that brings nothing; what is known of the series stays.</summary>
    public void BeginNothing(long tickMs)
    {
        Clear();
        TickMs = tickMs;
    }

    /// <summary>Forgets all series, and gives their memory back.</summary>
    public void Forget()
    {
        Clear();
        series.Release();
        series = new PulledSeries(budget);
        histogramRules.Forget();
        rounds.Forget();
        (numbers, timestampsMs, values, histograms) = ([], [], [], []);
    }

    /// <summary>Begins an answer: only samples of a range are taken.</summary>
    /// <param name="afterMs">The last moment before it.</param>
    /// <param name="untilMs">Its last moment.</param>
    public void BeginAnswer(long afterMs, long untilMs)
    {
        EndSeries();
        (fromMs, toMs) = (afterMs, untilMs);
    }

    /// <summary>From now on only which series there are is noted, and no sample taken.</summary>
    /// <param name="into">Gets the label sets.</param>
    public void BeginSightings(HashSet<LabelSet> into)
    {
        BeginAnswer(long.MaxValue, long.MaxValue);
        sightings = into;
    }

    /// <summary>Begins the series that came behind the last one before, if a window begins with it.</summary>
    /// <param name="window">What is at hand.</param>
    /// <param name="isText">Whether that is the series' text, and nothing behind it.</param>
    /// <returns>How many bytes its text has; 0 when it is another, or not whole.</returns>
    public int TryBeginExpected(ReadOnlySpan<byte> window, bool isText)
    {
        if (current < 0)
        {
            return 0;
        }
        var next = series[current].Next;
        if (next < 0)
        {
            return 0;
        }
        ref var entry = ref series[next];
        var length = entry.TextLength;
        if (length == 0 || length > window.Length || (isText && length < window.Length))
        {
            return 0;
        }
        if (ByteHash.Compute128(window[..length]) != entry.TextHash)
        {
            return 0;
        }
        Begin(next);
        return length;
    }

    /// <summary>Begins a series.</summary>
    /// <param name="bytes">Its labels, as the answer has them: the same bytes are the same series.</param>
    /// <param name="reader">Reads them when they are not known.</param>
    /// <exception cref="ScrapeException">The labels are none, or break a limit of the job.</exception>
    public void BeginSeries(ReadOnlySpan<byte> bytes, LabelReader reader)
    {
        var hash = ByteHash.Compute128(bytes);
        if (!series.TryFind(hash, out var number))
        {
            given.Clear();
            reader(bytes, given);
            var stored = Decide(out var isNameless);
            number = series.Add(hash, bytes.Length, stored is null ? null : table.Intern(stored), pull);
            if (number < 0)
            {
                throw NoMemory();
            }
            series[number].IsNameless = isNameless;
        }
        var before = current;
        Begin(number);
        if (before >= 0)
        {
            series[before].Next = number;
        }
    }

    /// <summary>Adds a sample of the series that began last; it is behind those before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long timestampMs, double value)
    {
        if (timestampMs > toMs || timestampMs <= fromMs)
        {
            return;
        }
        if (timestampMs <= floorMs)
        {
            NewestMs = Math.Max(NewestMs, timestampMs);
            return;
        }
        if (double.IsNaN(value))
        {
            if (StaleMarker.IsStale(value))
            {
                AddMarker(timestampMs, false);
                return;
            }
            value = StaleMarker.NormalNaN;
        }
        Keep(timestampMs, value);
    }

    /// <summary>Adds samples of the series that began last, in the order of time.</summary>
    public void Add(ReadOnlySpan<long> times, ReadOnlySpan<double> samples)
    {
        // Chunks begin long before the range of the pull.
        var first = times.Length;
        while (first > 0 && times[first - 1] > fromMs)
        {
            first--;
        }
        for (var i = first; i < times.Length; i++)
        {
            Add(times[i], samples[i]);
        }
    }

    /// <summary>Whether a sample at a time would be a new one.</summary>
    public bool Wants(long timestampMs) => timestampMs > fromMs && timestampMs <= toMs && timestampMs > floorMs;

    /// <summary>Adds a native histogram of the series that began last.</summary>
    /// <exception cref="ScrapeException">It is not valid, or breaks a limit.</exception>
    public void Add(long timestampMs, Histogram histogram)
    {
        if (!keepsHistograms)
        {
            return;
        }
        if (!Wants(timestampMs))
        {
            Add(timestampMs, 0);
            return;
        }
        if (histogram.IsStale)
        {
            AddMarker(timestampMs, true);
            return;
        }
        ref var entry = ref series[current];
        if (entry.Series is not null)
        {
            // What is known of a reset is known of a sample that may not be stored.
            histogram = histogram.Unhinted();
            if (histogramRules.TryApply(entry.Canonical, ref histogram) is { } problem)
            {
                throw new ScrapeException($"{entry.Series}: {problem}");
            }
            if (histogramRules.IsTooLarge(histogram))
            {
                throw new ScrapeException(histogramRules.LimitProblem);
            }
            buckets += histogram.Layout.BucketCount;
            if (buckets > limits.MaxBuckets)
            {
                throw new ScrapeException($"more than {limits.MaxBuckets} buckets of native histograms");
            }
        }
        var before = Count;
        Keep(timestampMs, StaleMarker.NormalNaN);
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

    /// <summary>Where the pull stands, for <see cref="Rollback"/>.</summary>
    public PulledMark Mark()
    {
        EndSeries();
        return new PulledMark(Count, markers.Count, Scraped, Relabeled);
    }

    /// <summary>Forgets what came since a mark: it will come again.</summary>
    public void Rollback(PulledMark mark)
    {
        EndSeries();
        if (hasHistograms)
        {
            histograms.AsSpan(mark.Samples).Clear();
        }
        Count = mark.Samples;
        markers.RemoveRange(mark.Markers, markers.Count - mark.Markers);
        (Scraped, Relabeled) = (mark.Scraped, mark.Relabeled);
        NewestMs = 0;
        foreach (var number in touched)
        {
            ref var entry = ref series[number];
            entry.NewestMs = entry.StoredMs;
        }
        for (var i = 0; i < Count; i++)
        {
            Raise(numbers[i], timestampsMs[i]);
        }
        foreach (var (number, timestampMs, _) in markers)
        {
            Raise(number, timestampMs);
        }
        touched.RemoveAll(number => series[number].NewestMs == series[number].StoredMs);
    }

    /// <summary>Ends the pull; the columns are valid until the next <c>Begin</c>.</summary>
    /// <remarks>First the first sample of every series, then the second ones, and so on: so lists of series stay alike.</remarks>
    public SampleColumns End()
    {
        EndSeries();
        foreach (var number in touched)
        {
            SeriesCount += series[number].NewestMs > series[number].StoredMs ? 1 : 0;
            Added += series[number] is { StoredMs: 0, NewestMs: > 0, Series: not null } ? 1 : 0;
        }
        var kept = new PulledColumns(numbers, timestampsMs, values, hasHistograms ? histograms : [], Count);
        var columns = rounds.Order(kept, series, out var duplicates);
        Duplicates = duplicates;
        if (touched.Count < series.Count)
        {
            series.Evict(pull);
        }
        return columns;
    }

    /// <summary>The staleness markers that the source wrote itself.</summary>
    public IReadOnlyList<SeriesEnd> Markers() =>
        [
            .. markers
                .Where(one => series[one.Number].Series is not null)
                .Select(one => new SeriesEnd(series[one.Number].Series!, one.TimestampMs, one.IsHistogram)),
        ];

    /// <summary>Takes note that the pull is in the log: its samples are not taken again.</summary>
    public void Commit()
    {
        foreach (var number in touched)
        {
            series[number].StoredMs = series[number].NewestMs;
        }
        touched.Clear();
        storedAfterMs = begunMs;
    }

    /// <summary>The time between the last two samples of a series; 0 when that is not known.</summary>
    public long SpacingOf(LabelSet labels) => series.TryFind(labels, out var number) ? series[number].SpacingMs : 0;

    private void Clear()
    {
        // What was not committed never got into the log.
        foreach (var number in touched)
        {
            series[number].NewestMs = series[number].StoredMs;
        }
        touched.Clear();
        markers.Clear();
        sightings = null;
        current = -1;
        if (hasHistograms)
        {
            histograms.AsSpan().Clear();
            hasHistograms = false;
        }
        if (values.Length > (MaxSpare * Count) + 4096)
        {
            (numbers, timestampsMs, values, histograms) = ([], [], [], []);
        }
        (Count, Scraped, Relabeled, Duplicates, Added, SeriesCount) = (0, 0, 0, 0, 0, 0);
        (NewestMs, buckets) = (0, 0);
    }

    private void Begin(int number)
    {
        EndSeries();
        ref var entry = ref series[number];
        if (sightings is not null)
        {
            current = number;
            if (entry.Series is not null)
            {
                sightings.Add(entry.Series);
            }
            return;
        }
        entry.LastUsed = pull;
        series[entry.Canonical].LastUsed = pull;
        current = number;
        isNew = false;
        lastMs = entry.NewestMs;
        floorMs = lastMs;
    }

    /// <summary>Writes back what was learned of the series that began last; the next one may still be expected behind it.</summary>
    private void EndSeries()
    {
        if (!isNew)
        {
            return;
        }
        isNew = false;
        ref var entry = ref series[current];
        if (entry.NewestMs == entry.StoredMs)
        {
            touched.Add(current);
        }
        entry.NewestMs = floorMs;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Keep(long timestampMs, double value)
    {
        ref var entry = ref series[current];
        Advance(ref entry, timestampMs);
        if (entry.Series is null)
        {
            Scraped += entry.IsNameless ? 0 : 1;
            return;
        }
        Scraped++;
        Relabeled++;
        if (Count == timestampsMs.Length)
        {
            Grow();
        }
        numbers[Count] = current;
        timestampsMs[Count] = timestampMs;
        values[Count] = value;
        Count++;
    }

    private void AddMarker(long timestampMs, bool isHistogram)
    {
        if (markers.Count >= MaxSamples)
        {
            throw TooManySamples();
        }
        Advance(ref series[current], timestampMs);
        markers.Add((current, timestampMs, isHistogram));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Advance(ref PulledSeries.Entry entry, long timestampMs)
    {
        if (lastMs > 0)
        {
            entry.SpacingMs = timestampMs - lastMs;
        }
        (lastMs, floorMs, isNew) = (timestampMs, timestampMs, true);
        NewestMs = Math.Max(NewestMs, timestampMs);
    }

    private void Raise(int number, long timestampMs)
    {
        series[number].NewestMs = Math.Max(series[number].NewestMs, timestampMs);
        NewestMs = Math.Max(NewestMs, timestampMs);
    }

    private void Grow()
    {
        if (Count >= MaxSamples)
        {
            throw TooManySamples();
        }
        var length = (int)Math.Min(Math.Max(1024, 2L * Count), MaxSamples);
        Array.Resize(ref numbers, length);
        Array.Resize(ref timestampsMs, length);
        Array.Resize(ref values, length);
        if (hasHistograms)
        {
            Array.Resize(ref histograms, length);
        }
    }

    private LabelSet? Decide(out bool isNameless)
    {
        var hasName = given.Exists(label => Is(label, LabelSet.MetricNameLabel) && label.Value.Length > 0);
        foreach (var label in externalLabels.Labels)
        {
            if (!given.Exists(one => Is(one, label.Name) && one.Value.Length > 0))
            {
                given.Add((label.Name, label.Value));
            }
        }
        // As /federate does, so that the target's label does not come in.
        if (!given.Exists(label => Is(label, InstanceLabel)))
        {
            given.Add((InstanceLabel, ""));
        }
        isNameless = !hasName;
        if (!hasName)
        {
            return null;
        }
        LabelSet? stored = null;
        var problem = text.Take(given, limits.MaxLabelsPerSeries) ?? rules!.Decide(text, targetLabels, out stored);
        return problem is null ? stored : throw new ScrapeException(problem);
    }

    private static bool Is((string Name, string Value) label, string name) =>
        string.Equals(label.Name, name, StringComparison.Ordinal);

    private ScrapeException TooManySamples() =>
        new($"more than {MaxSamples} samples in one pull") { IsPullSize = true };

    private ScrapeException NoMemory() =>
        new(
            $"no memory for more series: the series of all sources take {budget.TakenBytes >> 20} MiB of "
                + $"{budget.LimitBytes >> 20} MiB. Give the process more memory, or collect less of this source: fewer "
                + "match[] selectors, or several smaller sources"
        );
}
