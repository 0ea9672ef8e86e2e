using Tributary.Model;
using Tributary.PromQL.Functions;
using Tributary.PromQL.Values;

namespace Tributary.Tests.Unit.PromQL.Functions;

/// <summary>What slides from window to window gives what each window gives alone.</summary>
public sealed class SlidingTests
{
    private const int SeriesPerFunction = 60;
    private const double Tolerance = 1e-9;

    private static readonly LabelSet Labels = LabelSet.Of(LabelSet.MetricNameLabel, "requests_total", "job", "a");

    public static TheoryData<string> Names { get; } = [.. RangeFunctions.ByName.Keys.Order()];

    public static TheoryData<string> ExtendedNames { get; } = ["rate", "increase", "delta", "changes", "resets"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Function_OverAllWindows_GivesWhatEachWindowGivesAlone(string name) => Check(name, WindowExtension.None);

    [Theory]
    [MemberData(nameof(ExtendedNames))]
    public void Anchored_OverAllWindows_GivesWhatEachWindowGivesAlone(string name) =>
        Check(name, WindowExtension.Anchored);

    [Theory]
    [InlineData("rate")]
    [InlineData("increase")]
    [InlineData("delta")]
    public void Smoothed_OverAllWindows_GivesWhatEachWindowGivesAlone(string name) =>
        Check(name, WindowExtension.Smoothed);

    private static void Check(string name, WindowExtension extension)
    {
        var function = RangeFunction.Find(name)!;
        for (var seed = 0; seed < SeriesPerFunction; seed++)
        {
            var random = new Random(seed);
            var samples = RandomSeries.Make(random);
            var windows = RandomSeries.Windows(random, samples);
            var all = new AnnotationSet("query");
            var one = new AnnotationSet("query");
            var result = new StepColumn(windows.Ends.Count);
            function.Evaluate(windows.Input(samples, Labels, Context(all, extension)), result);
            for (var step = 0; step < windows.Ends.Count; step++)
            {
                var alone = new StepColumn(1);
                function.Evaluate(windows.Input(samples, Labels, Context(one, extension), step), alone);
                Assert.True(
                    AreEqual(alone, 0, result, step),
                    $"{name}, seed {seed}, step {step}: alone {Show(alone, 0)}, sliding {Show(result, step)}"
                );
            }
            Assert.Equal(one.Warnings(max: 0), all.Warnings(max: 0));
            // The info on names is one per series, whatever the windows are; all others are compared.
            Assert.Equal(one.Infos(max: 0), all.Infos(max: 0));
        }
    }

    private static FunctionContext Context(AnnotationSet annotations, WindowExtension extension) =>
        new(annotations, [0])
        {
            Extension = extension,
            LookbackMs = 300_000,
            UsesStartTimes = true,
        };

    private static bool AreEqual(StepColumn one, int step, StepColumn other, int otherStep)
    {
        var (histogram, otherHistogram) = (one.HistogramAt(step), other.HistogramAt(otherStep));
        if (histogram is not null || otherHistogram is not null)
        {
            return histogram is not null && histogram.Equals(otherHistogram) && histogram.Hint == otherHistogram!.Hint;
        }
        var (a, b) = (one.Values[step], other.Values[otherStep]);
        return Absent.Is(a) || Absent.Is(b)
            ? Absent.Is(a) && Absent.Is(b)
            : a.Equals(b) || Math.Abs(a - b) <= Tolerance * Math.Max(Math.Abs(a), Math.Abs(b));
    }

    private static string Show(StepColumn column, int step) =>
        column.HistogramAt(step) is { } histogram ? $"histogram {histogram.Count} {histogram.Sum} {histogram.Hint}"
        : Absent.Is(column.Values[step]) ? "nothing"
        : AnnotationTexts.Number(column.Values[step]);
}
