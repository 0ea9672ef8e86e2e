using Tributary.Model;

namespace Tributary.Tests.Unit.Storage.Blocks;

/// <summary>Series by seed: shared and unique labels, odd texts, odd floats, uneven times.</summary>
internal static class RandomSeries
{
    private static readonly double[] Odd =
    [
        0,
        -0.0,
        1,
        double.NaN,
        BitConverter.UInt64BitsToDouble(0x7ff0000000000002),
        BitConverter.UInt64BitsToDouble(0xfff8000000000123),
        double.PositiveInfinity,
        double.NegativeInfinity,
        double.Epsilon,
        double.MaxValue,
        0.1,
        1e6,
        123456789.125,
    ];

    public static List<SelectedSeries> Make(int seed, int count, long startMs = 0, long endMs = 7_200_000)
    {
        var random = new Random(seed);
        var series = new Dictionary<LabelSet, SelectedSeries>();
        while (series.Count < count)
        {
            var labels = Labels(random, series.Count);
            series[labels] = new SelectedSeries(labels, Samples(random, startMs, endMs));
        }
        return [.. series.Values.OrderBy(s => s.Labels)];
    }

    private static LabelSet Labels(Random random, int number)
    {
        var labels = new List<Label> { new("__name__", $"metric_{random.Next(5)}") };
        string[] names = ["job", "instance", "über", "le", "A", "zone.with.dots", "\U0001F600"];
        foreach (var name in names)
        {
            if (random.Next(2) == 0)
            {
                labels.Add(
                    new Label(
                        name,
                        $"{(char.IsSurrogate(name[0]) ? 'e' : name[0])}-{random.Next(4)}{(random.Next(8) == 0 ? "\"\\\n\tö" : "")}"
                    )
                );
            }
        }
        if (random.Next(3) > 0)
        {
            labels.Add(new Label("unique", $"value-{number}"));
        }
        return LabelSet.Of(labels);
    }

    private static List<Sample> Samples(Random random, long startMs, long endMs)
    {
        var samples = new List<Sample>();
        var counter = 0.0;
        var odd = random.Next(4) == 0;
        for (
            var time = startMs + random.Next((int)Math.Min(60_000, endMs - startMs));
            time < endMs && samples.Count < 500;

        )
        {
            counter += random.Next(100);
            samples.Add(new Sample(time, odd && random.Next(3) == 0 ? Odd[random.Next(Odd.Length)] : counter));
            time += random.Next(5) == 0 ? random.Next(1, 400_000) : 15_000;
        }
        return samples;
    }
}
