using System.Globalization;
using System.Text;

namespace Tributary.PromQL.Values;

/// <summary>
/// What a query has to say about its answer: warnings and infos with upstream's wording, each with the place in the query
/// that it is about. Thread-safe; the same text counts once.
/// </summary>
/// <remarks>
/// Upstream keeps of equal texts the one that was added last; evaluation goes from left to right, so here the rightmost
/// place wins, whatever the threads did. Lists are by place, then by text.
/// </remarks>
internal sealed class AnnotationSet
{
    /// <summary>How many of each kind an answer shows.</summary>
    public const int MaxShown = 10;

    private const string WarningPrefix = "PromQL warning: ";
    private const string InfoPrefix = "PromQL info: ";

    private readonly string query;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);

    /// <summary>An empty set.</summary>
    /// <param name="query">The text that places are in.</param>
    public AnnotationSet(string query)
    {
        this.query = query;
    }

    /// <summary>Adds a warning.</summary>
    /// <param name="text">One of <see cref="AnnotationTexts"/>.</param>
    /// <param name="position">Where the expression starts that it is about, in UTF-16 units of the query.</param>
    public void Warn(string text, int position) => Add(WarningPrefix + text, position);

    /// <summary>Adds an info.</summary>
    /// <inheritdoc cref="Warn"/>
    public void Info(string text, int position) => Add(InfoPrefix + text, position);

    /// <summary>Adds that classic buckets had to be made monotonic; all of one text are told as one.</summary>
    /// <param name="metricName">Empty when not known.</param>
    /// <param name="position">As for <see cref="Warn"/>.</param>
    /// <param name="repair">What was done.</param>
    public void ForcedMonotonicity(string metricName, int position, in MonotonicityRepair repair)
    {
        var text = InfoPrefix + AnnotationTexts.ForcedMonotonicity(metricName);
        lock (gate)
        {
            var before = entries.TryGetValue(text, out var entry) ? entry : new Entry(position, 0, null);
            var merged = before.Repair is { } other ? other.Merge(repair) : repair;
            entries[text] = new Entry(Math.Max(before.Position, position), before.Count + 1, merged);
        }
    }

    /// <summary>Adds that start times overlap the samples before them.</summary>
    /// <param name="metricName">Of the series.</param>
    /// <param name="position">As for <see cref="Warn"/>.</param>
    /// <param name="count">In how many windows.</param>
    public void StartTimeOverlap(string metricName, int position, int count)
    {
        var text = WarningPrefix + AnnotationTexts.StartTimeOverlap(metricName);
        lock (gate)
        {
            var before = entries.TryGetValue(text, out var entry) ? entry : new Entry(position, 0, null);
            entries[text] = new Entry(Math.Max(before.Position, position), before.Count + count, null);
        }
    }

    /// <summary>The warnings, with their places.</summary>
    /// <param name="max">How many at most; 0 for all. When there are more, one last text says how many were omitted.</param>
    public IReadOnlyList<string> Warnings(int max = MaxShown) => Texts(WarningPrefix, max, "warning");

    /// <summary>The infos, with their places.</summary>
    /// <inheritdoc cref="Warnings"/>
    public IReadOnlyList<string> Infos(int max = MaxShown) => Texts(InfoPrefix, max, "info");

    private void Add(string text, int position)
    {
        lock (gate)
        {
            entries[text] = entries.TryGetValue(text, out var before)
                ? before with
                {
                    Position = Math.Max(before.Position, position),
                }
                : new Entry(position, 0, null);
        }
    }

    private List<string> Texts(string prefix, int max, string kind)
    {
        KeyValuePair<string, Entry>[] found;
        lock (gate)
        {
            found = [.. entries.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal))];
        }
        var shown = max == 0 ? found.Length : Math.Min(max, found.Length);
        var texts = found
            .OrderBy(pair => pair.Value.Position)
            .ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Take(shown)
            .Select(pair => $"{pair.Key}{Details(pair.Value)} ({PlaceOf(pair.Value.Position)})")
            .ToList();
        if (found.Length > shown)
        {
            texts.Add(
                $"{(found.Length - shown).ToString(CultureInfo.InvariantCulture)} more {kind} annotations omitted"
            );
        }
        return texts;
    }

    private static string Details(in Entry entry) =>
        entry.Repair is { } repair ? repair.Text(entry.Count)
        : entry.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" ({entry.Count} occurrences)")
        : "";

    private string PlaceOf(int position)
    {
        if (query.Length == 0)
        {
            return "unknown position";
        }
        var before = query.AsSpan(0, position);
        var line = before.Count('\n') + 1;
        var column = Encoding.UTF8.GetByteCount(before[(before.LastIndexOf('\n') + 1)..]) + 1;
        return string.Create(CultureInfo.InvariantCulture, $"{line}:{column}");
    }

    private readonly record struct Entry(int Position, int Count, MonotonicityRepair? Repair);
}
