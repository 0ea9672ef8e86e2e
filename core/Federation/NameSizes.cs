using System.Text;
using Tributary.Model;
using Tributary.PromQL.Selectors;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>The metric families of a source, by stem, and how many series each has as far as that is known.</summary>
internal sealed class NameSizes
{
    private readonly SortedDictionary<string, double?> sizes = new(Comparer<string>.Create(Utf8Order.Compare));

    /// <summary>Names that the source has.</summary>
    public void AddNames(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            sizes.TryAdd(MetricFamily.StemOf(name), null);
        }
    }

    /// <summary>Series that came.</summary>
    public void AddSeries(SeriesList series)
    {
        foreach (var one in series.Span)
        {
            if (one.MetricName is { Length: > 0 } name)
            {
                var stem = MetricFamily.StemOf(name);
                sizes[stem] = (sizes.GetValueOrDefault(stem) ?? 0) + 1;
            }
        }
    }

    /// <summary>Where to cut a range into parts of about equal size; fewer cuts where it has fewer families, none where it has one.</summary>
    /// <param name="range">What to cut.</param>
    /// <param name="group">The selectors of its group.</param>
    /// <param name="count">The parts that are wanted.</param>
    public IReadOnlyList<string> Cut(NameRange range, IReadOnlyList<VectorSelector> group, int count)
    {
        var here = sizes.Where(one => range.Contains(one.Key) && MaySelect(group, one.Key)).ToList();
        if (here.Count == 0)
        {
            return CutUnknown(range, count);
        }
        var known = here.Where(one => one.Value is not null).Select(one => one.Value!.Value).ToList();
        // What nothing is known of is as large as what is known is on average.
        var average = known.Count == 0 ? 1 : known.Average();
        var left = here.Sum(one => one.Value ?? average);
        var (part, partsLeft) = (0.0, count);
        var cuts = new List<string>();
        for (var i = 0; i < here.Count; i++)
        {
            var size = here[i].Value ?? average;
            var isFull = i > 0 && part + (size / 2) >= left / partsLeft;
            if (isFull && partsLeft > 1 && Between(here[i - 1].Key, here[i].Key) is { } cut)
            {
                cuts.Add(cut);
                (left, part, partsLeft) = (left - part, 0, partsLeft - 1);
            }
            part += size;
        }
        return cuts;
    }

    /// <summary>The shortest text that is behind one and not behind the other; null when it would be too long.</summary>
    internal static string? Between(string before, string from)
    {
        var text = new StringBuilder();
        foreach (var rune in from.EnumerateRunes())
        {
            text.Append(rune);
            if (Utf8Order.Compare(before, text.ToString()) < 0)
            {
                return text.Length <= SplitMemory.MaxCutLength ? text.ToString() : null;
            }
        }
        return null;
    }

    /// <summary>Cuts at letters, where the source does not tell its names and none came.</summary>
    private static List<string> CutUnknown(NameRange range, int count)
    {
        for (var length = 0; length <= (range.From?.Length ?? 0); length++)
        {
            var prefix = range.From?[..length] ?? "";
            var letters = Enumerable
                .Range('a', 'z' - 'a' + 1)
                .Select(letter => prefix + (char)letter)
                .Where(cut =>
                    (range.From is null || Utf8Order.Compare(range.From, cut) < 0)
                    && (range.To is null || Utf8Order.Compare(cut, range.To) < 0)
                )
                .ToList();
            if (letters.Count > 0)
            {
                return
                [
                    .. Enumerable
                        .Range(1, count - 1)
                        .Select(i => letters[i * letters.Count / count])
                        .Distinct(StringComparer.Ordinal),
                ];
            }
        }
        return [];
    }

    private static bool MaySelect(IReadOnlyList<VectorSelector> group, string stem) =>
        group.Any(selector =>
            MetricFamily
                .NamesOf(stem)
                .Any(name =>
                    selector.Matchers.All(matcher =>
                        !string.Equals(matcher.Name, LabelSet.MetricNameLabel, StringComparison.Ordinal)
                        || matcher.Matches(name)
                    )
                )
        );
}
