using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>
/// Puts the samples of a pull into rounds: the first sample of every series, the second of every series that has one, and so
/// on. Two pulls then have lists of series that are equal or alike, which is what the log writes once.
/// </summary>
internal sealed class RoundOrder
{
    /// <summary>So much more room than is needed is given back.</summary>
    private const int MaxSpare = 4;

    private int[] sequence = [];
    private int[] listed = [];
    private int[] rounds = [];
    private SeriesList list = SeriesList.Empty;
    private long[] timestampsMs = [];
    private double[] values = [];
    private Histogram?[] histograms = [];

    /// <summary>Forgets the last list, and gives memory back.</summary>
    public void Forget()
    {
        (sequence, listed, rounds, list) = ([], [], [], SeriesList.Empty);
        (timestampsMs, values, histograms) = ([], [], []);
    }

    /// <summary>The samples in rounds; the columns are valid until the next call.</summary>
    /// <param name="kept">The samples as they came.</param>
    /// <param name="series">Their series.</param>
    /// <param name="duplicates">How many were left out, because another text of their series has that time, too.</param>
    public SampleColumns Order(PulledColumns kept, PulledSeries series, out int duplicates)
    {
        duplicates = 0;
        if (kept.Count == 0)
        {
            return new SampleColumns(SeriesList.Empty, default, default);
        }
        var doubled = series.HasShared ? FindDoubled(kept, series) : [];
        duplicates = doubled.Count;
        var count = kept.Count - doubled.Count;
        Reserve(kept.Count, kept.Histograms.Length > 0);
        CountRounds(kept, series, doubled);
        for (var i = 0; i < kept.Count; i++)
        {
            if (doubled.Count > 0 && doubled.Contains(i))
            {
                continue;
            }
            var number = series[kept.Numbers[i]].Canonical;
            var at = rounds[series[number].Samples++]++;
            sequence[at] = number;
            timestampsMs[at] = kept.TimestampsMs[i];
            values[at] = kept.Values[i];
            if (kept.Histograms.Length > 0)
            {
                histograms[at] = kept.Histograms[i];
            }
        }
        return new SampleColumns(ListOf(count, series), timestampsMs.AsMemory(0, count), values.AsMemory(0, count))
        {
            Histograms = kept.Histograms.Length > 0 ? histograms.AsMemory(0, count) : default,
        };
    }

    /// <summary>Where each round begins: afterwards no series has a sample yet.</summary>
    private void CountRounds(PulledColumns kept, PulledSeries series, HashSet<int> doubled)
    {
        foreach (var number in kept.Numbers.AsSpan(0, kept.Count))
        {
            series[series[number].Canonical].Samples = 0;
        }
        Array.Clear(rounds);
        var last = 0;
        for (var i = 0; i < kept.Count; i++)
        {
            if (doubled.Count > 0 && doubled.Contains(i))
            {
                continue;
            }
            var round = series[series[kept.Numbers[i]].Canonical].Samples++;
            if (round >= rounds.Length)
            {
                Array.Resize(ref rounds, Math.Max(16, 2 * rounds.Length));
            }
            rounds[round]++;
            last = Math.Max(last, round);
        }
        var begin = 0;
        for (var round = 0; round <= last; round++)
        {
            (rounds[round], begin) = (begin, begin + rounds[round]);
        }
        foreach (var number in kept.Numbers.AsSpan(0, kept.Count))
        {
            series[series[number].Canonical].Samples = 0;
        }
    }

    private static HashSet<int> FindDoubled(PulledColumns kept, PulledSeries series)
    {
        var doubled = new HashSet<int>();
        var shared = new HashSet<int>();
        for (var i = 0; i < kept.Count; i++)
        {
            ref var entry = ref series[kept.Numbers[i]];
            if (entry.Canonical != kept.Numbers[i])
            {
                shared.Add(entry.Canonical);
            }
        }
        var seen = new HashSet<(int, long)>();
        for (var i = 0; shared.Count > 0 && i < kept.Count; i++)
        {
            var number = series[kept.Numbers[i]].Canonical;
            if (shared.Contains(number) && !seen.Add((number, kept.TimestampsMs[i])))
            {
                doubled.Add(i);
            }
        }
        return doubled;
    }

    private SeriesList ListOf(int count, PulledSeries series)
    {
        var now = sequence.AsSpan(0, count);
        if (now.SequenceEqual(listed.AsSpan(0, Math.Min(list.Count, listed.Length))) && AreSame(series))
        {
            return list;
        }
        var sets = new LabelSet[count];
        for (var i = 0; i < sets.Length; i++)
        {
            sets[i] = series[now[i]].Series!;
        }
        (sequence, listed) = (listed, sequence);
        list = new SeriesList(sets);
        return list;
    }

    /// <summary>A number may have been given to another series since.</summary>
    private bool AreSame(PulledSeries series)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (!ReferenceEquals(list[i], series[listed[i]].Series))
            {
                return false;
            }
        }
        return true;
    }

    private void Reserve(int count, bool withHistograms)
    {
        if (sequence.Length < count || sequence.Length > (MaxSpare * count) + 1024)
        {
            sequence = new int[count];
        }
        if (timestampsMs.Length < count || timestampsMs.Length > (MaxSpare * count) + 1024)
        {
            timestampsMs = new long[count];
            values = new double[count];
            histograms = [];
        }
        if (withHistograms && histograms.Length < timestampsMs.Length)
        {
            histograms = new Histogram?[timestampsMs.Length];
        }
    }
}
