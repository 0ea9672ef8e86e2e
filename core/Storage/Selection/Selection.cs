using Tributary.Model;

namespace Tributary.Storage.Selection;

/// <summary>Series with samples, from wherever they lie.</summary>
/// <param name="Series">The series, in the order of their labels, each once.</param>
/// <param name="Warnings">What is not in them although it should be, for people.</param>
internal sealed record Selection(IReadOnlyList<SelectedSeries> Series, IReadOnlyList<string> Warnings);

/// <summary>What a look-up without samples found.</summary>
/// <param name="Items">Series, names or values; in order, each once.</param>
/// <param name="Warnings">What is not in them although it should be, for people.</param>
internal sealed record LookUp<T>(IReadOnlyList<T> Items, IReadOnlyList<string> Warnings)
{
    /// <summary>As Prometheus says it.</summary>
    public const string Truncated = "results truncated due to limit";

    /// <summary>The first ones, with a warning when that is not all.</summary>
    /// <param name="limit">How many; 0 is all.</param>
    public LookUp<T> Limit(int limit) =>
        limit <= 0 || Items.Count <= limit ? this : new LookUp<T>([.. Items.Take(limit)], [.. Warnings, Truncated]);
}
