using System.Globalization;
using System.Text;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>A sample of the stand-in formats: a number that is used once, its time, and one of a few series.</summary>
internal readonly record struct StandInSample(int Number, long TimestampMs) : IComparable<StandInSample>
{
    private const int SeriesCount = 4;

    /// <summary>What a selector names.</summary>
    public string Series => SeriesOf(Number);

    public static string SeriesOf(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"s{number % SeriesCount}");

    public int CompareTo(StandInSample other) => Number.CompareTo(other.Number);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number} {TimestampMs}\n");

    public static IEnumerable<StandInSample> Parse(ReadOnlySpan<byte> bytes) =>
        Encoding
            .ASCII.GetString(bytes)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .Select(parts => new StandInSample(
                int.Parse(parts[0], CultureInfo.InvariantCulture),
                long.Parse(parts[1], CultureInfo.InvariantCulture)
            ));
}
