using System.Globalization;

namespace Tributary.Benchmarks.Claims;

/// <summary>One line of the results.</summary>
/// <param name="Work">What was done.</param>
/// <param name="Unit">The unit of both figures.</param>
/// <param name="Prometheus">The figure of Prometheus, if there is one.</param>
/// <param name="Ours">Our figure, if there is one.</param>
/// <param name="Target">What ours must reach.</param>
/// <param name="Note">What a reader must know beside it.</param>
internal sealed record ClaimRow(
    string Work,
    string Unit,
    double? Prometheus,
    double? Ours,
    Target Target,
    string Note = ""
)
{
    public const string Head =
        "| work | Prometheus | ours | ours / Prometheus | target | met | note |\n|---|---|---|---|---|---|---|";

    /// <summary>A figure that does not count, because ours did less than the same work.</summary>
    public bool IsShort { get; init; }

    public bool IsMeasured => Ours is not null;

    public override string ToString()
    {
        var ratio = Prometheus is { } theirs && Ours is { } ours ? Number(ours / theirs) + "×" : "–";
        var met = IsShort
            ? "no: less than the whole work"
            : Target.IsMet(Prometheus, Ours) switch
            {
                true => "yes",
                false => "no",
                null => "–",
            };
        return $"| {Work} | {Figure(Prometheus)} | {Figure(Ours)} | {ratio} | {Target.Text} | {met} | {Note} |";
    }

    /// <summary>Three digits that count.</summary>
    public static string Number(double value) =>
        value.ToString(
            Math.Abs(value) switch
            {
                >= 100 => "F0",
                >= 10 => "F1",
                _ => "F2",
            },
            CultureInfo.InvariantCulture
        );

    private string Figure(double? value) => value is { } v ? $"{Number(v)} {Unit}" : "–";
}
