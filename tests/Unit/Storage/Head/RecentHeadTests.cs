using System.Globalization;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Head;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Storage.Head;

public sealed class RecentHeadTests
{
    private static readonly long NowMs = LogBatches.NoonMs;
    private static readonly string[] Names = ["__name__", "a", "b", "\ue000", "none"];
    private static readonly string[] Values = ["", "x", "xy", "y", "\ue000", "\U0001F600"];
    private static readonly string[] Patterns = ["", "x", "x.*", ".*", ".+", "x|y", "(x|)", "[^x]+", "\U0001F600"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Select_RandomMatchers_EqualsAFilterOfAllSeriesInOrder(int seed)
    {
        var random = new Random(seed);
        var head = new RecentHead();
        var all = new HashSet<LabelSet>();
        for (var round = 0; round < 60; round++)
        {
            // New series between the selections: they merge into the order.
            for (var i = 0; i < 5; i++)
            {
                var added = RandomSeries(random);
                all.Add(added);
                head.Append(LogBatches.Columns((added, NowMs, round)));
            }
            var selectors = Enumerable.Range(0, random.Next(1, 3)).Select(_ => RandomSelector(random)).ToList();
            var expected = all.Where(series => selectors.Exists(selector => selector.Matches(series))).ToList();
            expected.Sort(
                (a, b) => Utf8Order.Compare(a.MetricName, b.MetricName) is not 0 and var order ? order : a.CompareTo(b)
            );
            var selected = head.SelectLatest(selectors, new TimeRange(NowMs, NowMs));
            Assert.Equal(expected, selected.Select(sample => sample.Labels));
            Assert.Equal(expected, head.Select(selectors, new TimeRange(NowMs, NowMs)).Select(s => s.Labels));
        }
        Assert.Equal(all.Count, head.Counts.Series);
    }

    [Fact]
    public void Select_Order_IsThatOfUtf8Bytes()
    {
        var head = new RecentHead();
        string[] values = ["\U0001F600", "\ue000", "z", "A"];
        foreach (var value in values)
        {
            head.Append(LogBatches.Columns((LabelSet.Of("__name__", value, "a", "1"), NowMs, 1)));
            head.Append(LogBatches.Columns((LabelSet.Of("__name__", "m", "v", value), NowMs, 1)));
            head.Append(LogBatches.Columns((LabelSet.Of("0", value), NowMs, 1)));
        }
        Assert.Equal(
            [
                "{\"0\"=\"A\"}",
                "{\"0\"=\"z\"}",
                "{\"0\"=\"\ue000\"}",
                "{\"0\"=\"\U0001F600\"}",
                "A{a=\"1\"}",
                "m{v=\"A\"}",
                "m{v=\"z\"}",
                "m{v=\"\ue000\"}",
                "m{v=\"\U0001F600\"}",
                "z{a=\"1\"}",
                "\ue000{a=\"1\"}",
                "\U0001F600{a=\"1\"}",
            ],
            head.SelectLatest(
                    [new VectorSelector([new LabelMatcher("__name__", MatchOperator.Regex, ".*")])],
                    new TimeRange(NowMs, NowMs)
                )
                .Select(sample => sample.Labels.ToString())
        );
    }

    [Theory]
    [InlineData("1@0", -300, 0, "1")]
    [InlineData("1@-300", -300, 0, "1")]
    [InlineData("1@-301", -300, 0, "")]
    [InlineData("1@0 2@1", -300, 0, "1")]
    [InlineData("1@-299 2@1", -300, 0, "1")]
    [InlineData("2@1", -300, 0, "")]
    [InlineData("1@-10 stale@0", -300, 0, "")]
    [InlineData("1@-10 stale@0 3@0", -300, 0, "3")]
    [InlineData("1@-10 stale@1", -300, 0, "1")]
    [InlineData("1@-20 stale@-10 2@0", -300, 0, "2")]
    [InlineData("1@0 5@-10", -300, 0, "1")]
    [InlineData("1@-10 5@0 7@-5", -300, -1, "7")]
    public void SelectLatest_Scenario_AnswersTheNewestOfTheClosedRange(
        string samples,
        int from,
        int to,
        string expected
    )
    {
        var head = new RecentHead();
        foreach (var sample in samples.Split(' '))
        {
            var (value, at) = (sample.Split('@')[0], int.Parse(sample.Split('@')[1], CultureInfo.InvariantCulture));
            var number = value is "stale" ? StaleMarker.Value : double.Parse(value, CultureInfo.InvariantCulture);
            head.Append(LogBatches.Columns((LogBatches.Series(1), NowMs + (at * 1000L), number)));
        }
        var range = new TimeRange(NowMs + (from * 1000L), NowMs + (to * 1000L));
        var latest = Latest(head, range, "{n=\"1\"}");
        Assert.Equal(expected, string.Join(' ', latest.Select(sample => sample.Value)));
    }

    [Fact]
    public void Forget_AWindow_DropsItsSeriesAndKeepsLists()
    {
        var head = new RecentHead();
        var both = new SeriesList([LogBatches.Series(1), LogBatches.Series(2)]);
        head.Append(new SampleColumns(both, new[] { NowMs, NowMs }, new[] { 1.0, 2.0 }));
        var nextMs = Window.Of(NowMs).EndMs;
        head.Append(LogBatches.Columns((LogBatches.Series(2), nextMs, 3)));
        head.Forget(nextMs);
        Assert.Equal((1, 1), (head.Counts.Series, head.Counts.Chunks));
        head.Append(new SampleColumns(both, new[] { nextMs + 1, nextMs + 1 }, new[] { 5.0, 6.0 }));
        Assert.Equal([5.0, 6.0], Latest(head, new TimeRange(nextMs, nextMs + 1), "{n=~\".+\"}").Select(s => s.Value));
        head.Forget(long.MaxValue);
        Assert.Equal((0, 0L, 0L), (head.Counts.Series, head.Counts.Chunks, head.Counts.Bytes));
        Assert.Null(head.Counts.NewestMs);
    }

    [Fact]
    public void Prepend_AnotherHead_GivesBothInOne()
    {
        var (head, older) = (new RecentHead(), new RecentHead());
        head.Append(LogBatches.Columns((LogBatches.Series(1), NowMs, 1)));
        older.Append(LogBatches.Columns((LogBatches.Series(1), NowMs, 2), (LogBatches.Series(2), NowMs, 3)));
        older.Append(LogBatches.Columns((LogBatches.Series(1), NowMs - 1000, 4)));
        head.Prepend(older);
        var range = new TimeRange(NowMs - 1000, NowMs);
        Assert.Equal([2.0, 3.0], Latest(head, range, "{n=~\"1|2\"}").Select(sample => sample.Value));
        var one = Assert.Single(head.Select([SelectorParser.Parse("{n=\"1\"}")], range));
        Assert.Equal([new Sample(NowMs - 1000, 4), new Sample(NowMs, 2)], one.Samples);
    }

    [Fact]
    public void Append_AKnownList_AllocatesNothingPerSample()
    {
        const int count = 2000;
        var head = new RecentHead();
        var list = new SeriesList([.. Enumerable.Range(0, count).Select(LogBatches.Series)]);
        var (times, values) = (new long[count], new double[count]);
        long Tick(int tick)
        {
            Array.Fill(times, NowMs + (tick * 1000L));
            Array.Fill(values, tick % 7);
            var before = GC.GetAllocatedBytesForCurrentThread();
            head.Append(new SampleColumns(list, times, values));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Tick(0);
        var quiet = Enumerable.Range(1, 100).Count(tick => Tick(tick) < 1024);
        // In the others the chunks' buffers grow, all at one tick because all series are alike.
        Assert.InRange(quiet, 80, 100);
    }

    private static IReadOnlyList<LatestSample> Latest(RecentHead head, TimeRange range, string selector) =>
        head.SelectLatest([SelectorParser.Parse(selector)], range);

    private static LabelSet RandomSeries(Random random) =>
        LabelSet.Of(
            Names
                .Take(4)
                .SelectMany(name => new[] { name, Values[random.Next(Values.Length)] })
                .Append("id")
                .Append($"{random.Next(40)}")
                .ToArray()
        );

    private static VectorSelector RandomSelector(Random random) =>
        new([
            .. Enumerable
                .Range(0, random.Next(1, 4))
                .Select(_ =>
                {
                    var @operator = (MatchOperator)random.Next(4);
                    var texts = @operator is MatchOperator.Regex or MatchOperator.NotRegex ? Patterns : Values;
                    return new LabelMatcher(
                        Names[random.Next(Names.Length)],
                        @operator,
                        texts[random.Next(texts.Length)]
                    );
                }),
        ]);
}
