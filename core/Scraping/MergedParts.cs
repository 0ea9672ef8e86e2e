using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>The samples of several bodies as those of one, in the parts' order; a series counts where it comes first.</summary>
/// <remarks>While every part brings the list that it brought before, its list is the same object as before, too.</remarks>
internal sealed class MergedParts
{
    private SeriesList[] lists = [];

    /// <summary>By part the positions of its list that count; null for all of them.</summary>
    private int[]?[] kept = [];
    private long[] timestampsMs = [];
    private double[] values = [];
    private Histogram?[] histograms = [];

    /// <summary>All series, those of each part behind those of the one before.</summary>
    public SeriesList List { get; private set; } = SeriesList.Empty;

    /// <summary>How many samples are of series that a part before has, too.</summary>
    public int Overlaps { get; private set; }

    /// <summary>Takes what the parts brought; a part that does not count has no series.</summary>
    public void Update(SeriesList[] now)
    {
        if (now.Length == lists.Length && now.Zip(lists).All(pair => ReferenceEquals(pair.First, pair.Second)))
        {
            return;
        }
        (lists, kept, Overlaps) = (now, new int[]?[now.Length], 0);
        var owners = new Dictionary<LabelSet, int>(now.Sum(list => list.Count));
        for (var part = 0; part < now.Length; part++)
        {
            FindOwned(part, owners);
        }
        var merged = new LabelSet[now.Sum(list => list.Count) - Overlaps];
        var next = 0;
        for (var part = 0; part < now.Length; part++)
        {
            Copy(part, lists[part].Span, merged, next);
            next += CountOf(part);
        }
        List = merged.Length == 0 ? SeriesList.Empty : new SeriesList(merged);
    }

    /// <summary>The columns of the parts as one, valid until the next call.</summary>
    /// <param name="parts">By part its columns, whose lists <see cref="Update"/> got.</param>
    public SampleColumns Merge(IReadOnlyList<SampleColumns> parts)
    {
        var count = List.Count;
        if (values.Length < count)
        {
            (timestampsMs, values) = (new long[count], new double[count]);
        }
        var hasHistograms = parts.Any(part => !part.Histograms.IsEmpty);
        Array.Clear(histograms);
        if (hasHistograms && histograms.Length < count)
        {
            histograms = new Histogram?[count];
        }
        var next = 0;
        for (var part = 0; part < parts.Count; part++)
        {
            Copy(part, parts[part].TimestampsMs.Span, timestampsMs, next);
            Copy(part, parts[part].Values.Span, values, next);
            if (!parts[part].Histograms.IsEmpty)
            {
                Copy(part, parts[part].Histograms.Span, histograms, next);
            }
            next += CountOf(part);
        }
        return new SampleColumns(List, timestampsMs.AsMemory(0, count), values.AsMemory(0, count))
        {
            Histograms = hasHistograms ? histograms.AsMemory(0, count) : default,
        };
    }

    /// <summary>Forgets all.</summary>
    public void Forget()
    {
        (lists, kept, Overlaps) = ([], [], 0);
        (timestampsMs, values, histograms) = ([], [], []);
        List = SeriesList.Empty;
    }

    private void FindOwned(int part, Dictionary<LabelSet, int> owners)
    {
        var series = lists[part].Span;
        List<int>? own = null;
        for (var i = 0; i < series.Length; i++)
        {
            if (owners.TryAdd(series[i], part) || owners[series[i]] == part)
            {
                own?.Add(i);
                continue;
            }
            own ??= [.. Enumerable.Range(0, i)];
            Overlaps++;
        }
        kept[part] = own?.ToArray();
    }

    private int CountOf(int part) => kept[part]?.Length ?? lists[part].Count;

    private void Copy<T>(int part, ReadOnlySpan<T> from, T[] to, int at)
    {
        if (kept[part] is not { } positions)
        {
            from.CopyTo(to.AsSpan(at));
            return;
        }
        for (var i = 0; i < positions.Length; i++)
        {
            to[at + i] = from[positions[i]];
        }
    }
}
