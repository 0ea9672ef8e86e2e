using System.Globalization;

namespace Tributary.Benchmarks.Claims;

/// <summary>What ours must reach, against Prometheus or for itself.</summary>
internal sealed record Target
{
    private readonly Func<double?, double, bool?> isMet;

    private Target(string text, Func<double?, double, bool?> isMet)
    {
        Text = text;
        this.isMet = isMet;
    }

    public string Text { get; }

    public static Target AtMostTimes(double ratio) =>
        new(Invariant($"≤ {ratio}×"), (theirs, ours) => theirs is { } t ? ours <= ratio * t : null);

    public static Target TimesFaster(double factor) =>
        new(Invariant($"≥ {factor}× faster"), (theirs, ours) => theirs is { } t ? ours * factor <= t : null);

    public static Target AtLeastTimes(double ratio) =>
        new(Invariant($"≥ {ratio}×"), (theirs, ours) => theirs is { } t ? ours >= ratio * t : null);

    public static Target AtMost(double limit, string unit) =>
        new(Invariant($"≤ {limit} {unit}"), (_, ours) => ours <= limit);

    /// <summary>Null when one of the figures is missing.</summary>
    public bool? IsMet(double? prometheus, double? ours) => ours is { } o ? isMet(prometheus, o) : null;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
