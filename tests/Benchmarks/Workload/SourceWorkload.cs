using System.Text;

namespace Tributary.Benchmarks.Workload;

/// <summary>
/// All series of one source, with everything before the value rendered once: a body costs copies and numbers only.
/// </summary>
internal sealed class SourceWorkload
{
    private const int LongestTail = 64;

    private readonly byte[] prefixes;
    private readonly int[] ends;
    private readonly SeriesValues[] values;
    private readonly int[] targets;
    private readonly MetricFamily?[] opens;
    private readonly ulong[] offsets;
    private readonly int longest;

    /// <summary>Makes the series of a source.</summary>
    /// <param name="source">The number of the source.</param>
    /// <param name="series">How many series, at least 1,000 for the mix to hold.</param>
    public SourceWorkload(int source, int series)
    {
        Source = source;
        ends = new int[series];
        values = new SeriesValues[series];
        targets = new int[series];
        opens = new MetricFamily?[series];
        var text = new MemoryStream(series * 280);
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        var at = 0;
        foreach (var (family, count) in Divide(series))
        {
            if (count > 0)
            {
                opens[at] = family;
            }

            for (var i = 0; i < count; i++, at++)
            {
                var (number, variant) = Math.DivRem(i, family.Values.Length);
                var (prefix, target) = SeriesLabels.Render(source, family, number, variant);
                text.Write(Encoding.UTF8.GetBytes(prefix));
                ends[at] = (int)text.Length;
                longest = Math.Max(longest, prefix.Length);
                targets[at] = names.TryGetValue(target, out var known) ? known : names[target] = names.Count;
                values[at] = new SeriesValues(family, Seed(source, family, number, variant), variant);
            }
        }

        prefixes = text.ToArray();
        offsets = [.. Enumerable.Range(0, names.Count).Select(t => Mixing.Mix((ulong)source + 77, (ulong)t))];
    }

    public int Source { get; }

    public int Count => values.Length;

    public int Targets => offsets.Length;

    /// <summary>`name{a="b",…} ` of a series, in UTF-8.</summary>
    public ReadOnlySpan<byte> Prefix(int series)
    {
        var start = series == 0 ? 0 : ends[series - 1];
        return prefixes.AsSpan(start, ends[series] - start);
    }

    /// <summary>The number of the target that exposes a series.</summary>
    public int Target(int series) => targets[series];

    /// <summary>When in a step a target is scraped, in ms.</summary>
    public long Offset(int target, long stepMs) => (long)(offsets[target] % (ulong)stepMs);

    public double Value(int series, long step) => values[series].At(step).ToDouble();

    /// <summary>Whether the history lacks this target at this step: one scrape in 499.</summary>
    public bool Misses(int target, long step) => Mixing.Mix(offsets[target], (ulong)step) % 499 == 0;

    /// <summary>Writes lines from series `next` on until the span is full or the series end.</summary>
    /// <param name="next">The next series; afterwards the one to go on with.</param>
    /// <param name="into">At least 4 KiB.</param>
    /// <param name="moment">Steps and timestamps of the targets.</param>
    /// <returns>How many bytes were written.</returns>
    public int Fill(ref int next, Span<byte> into, SourceMoment moment)
    {
        var at = 0;
        while (next < Count && into.Length - at > 2 * longest + LongestTail)
        {
            if (opens[next] is { } family)
            {
                at += Encoding.UTF8.GetBytes($"# TYPE {family.Name} untyped\n", into[at..]);
            }

            var prefix = Prefix(next);
            prefix.CopyTo(into[at..]);
            at += prefix.Length;
            var target = targets[next];
            at += values[next].At(moment.Step(target)).Write(into[at..]);
            into[at++] = (byte)' ';
            var stamp = moment.Timestamp(target);
            stamp.CopyTo(into[at..]);
            at += stamp.Length;
            into[at++] = (byte)'\n';
            next++;
        }

        return at;
    }

    // All buckets of a histogram count the same events.
    private static ulong Seed(int source, MetricFamily family, int number, int variant)
    {
        var seed = Mixing.Mix((ulong)source, (ulong)(family.Name.Length * 31 + family.Share));
        seed = Mixing.Mix(seed, (ulong)number);
        return family.Kind == ValueKind.Bucket ? seed : Mixing.Mix(seed, (ulong)variant);
    }

    private static IEnumerable<(MetricFamily Family, int Count)> Divide(int series)
    {
        var share = 0;
        var given = 0;
        foreach (var family in MetricFamily.All)
        {
            share += family.Share;
            var upTo = (int)((long)series * share / 10_000);
            yield return (family, upTo - given);
            given = upTo;
        }
    }
}
