using Tributary.Configuration;
using Tributary.Federation;
using Tributary.Model;
using Tributary.PromQL.Selectors;
using Tributary.Storage.Ledger;

namespace Tributary.Tests.Unit.Federation;

public sealed class SplitCollectorTests
{
    private const string Everything = "{__name__=~\".+\"}";

    public static readonly TheoryData<int, double> Slowness = new()
    {
        { 200_000, 0.1 },
        { 20_000, 3 },
        { 20_000, 10 },
    };

    [Theory]
    [MemberData(nameof(Slowness))]
    public void SourceThatTimesOut_IsWholeAfterThreeTicks(int series, double msPerSeries)
    {
        var place = new SplitPlace(SplitPlace.Families(series / 500, 250).Take(series), Everything);
        place.Target = place.Target with { Interval = TimeSpan.FromMinutes(2) };
        place.Model.PerSeries = TimeSpan.FromMilliseconds(msPerSeries);
        place.Model.PerSelector = TimeSpan.FromMilliseconds(50);
        var batches = place.Collect(4);
        Assert.Equal(Verdict.Failed, batches[0].Report.Verdict);
        Assert.Contains("; the next scrapes are split into 8 requests", batches[0].Report.Error);
        Assert.True(batches[3].Report.Verdict is Verdict.Complete, batches[3].Report.Error);
        Assert.Equal(series, batches[3].Scraped.Count);
        Assert.Equal(series, batches[3].Scraped.Series.Span.ToArray().Distinct().Count());
        Assert.InRange(place.Model.MostAtOnce, 2, SourceConfig.DefaultMaxRequests);
        Assert.InRange(place.Memory.PartCount, 8, SplitMemory.MaxParts);
        AssertFamiliesWhole(place);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void SplitAnswer_EqualsTheUnsplit_WhateverTheSelectorsAndCuts(int seed)
    {
        var random = new Random(seed);
        string[] selectors =
        [
            "{job=\"even\"}",
            "{job=~\"e.*|odd\",instance!=\"i3\"}",
            "{__name__=~\"a.*\"}",
            "{__name__=~\".*_sum\"}",
            "{__name__=~\"[k-p].*\",job=\"odd\"}",
            "{instance=~\"i[0-4]\",job!=\"odd\"}",
            "{__name__=\"p5_family_5_count\"}",
            "{missing=\"\",job=\"odd\"}",
        ];
        for (var round = 0; round < 30; round++)
        {
            var series = SplitPlace.Families(random.Next(1, 25), random.Next(1, 8)).ToList();
            var place = new SplitPlace(series, random.GetItems(selectors, random.Next(1, 5)));
            place.Mode = SplitMode.Never;
            var whole = place.Collect();
            place.Mode = SplitMode.Auto;
            var asked = SplitSelectors.Of(place.Target)!;
            place.Memory = new SplitMemory
            {
                Selectors = asked.Key,
                Cuts =
                [
                    .. asked.Groups.Select(_ =>
                        series
                            .Select(one => one.MetricName[..random.Next(1, one.MetricName.Length)])
                            .OrderBy(_ => random.Next())
                            .Take(random.Next(4))
                            .Distinct(StringComparer.Ordinal)
                            .Order(Comparer<string>.Create(Utf8Order.Compare))
                            .ToList()
                    ),
                ],
            };
            place.Restart();
            var before = place.Model.Requests;
            var split = place.Collect();
            Assert.Equal(place.Memory.PartCount, place.Model.Requests - before);
            Assert.Equal((Verdict.Complete, ""), (split.Report.Verdict, split.Report.Error));
            Assert.Equal(SplitPlace.Samples(whole), SplitPlace.Samples(split));
            Assert.Equal((whole.Report.Scraped, 0), (split.Report.Scraped, split.Report.Duplicates));
            AssertFamiliesWhole(place);
        }
    }

    [Fact]
    public void SelectorsThatShareNothing_AreAskedForApart()
    {
        var place = new SplitPlace(SplitPlace.Families(20, 10), "{job=\"even\"}", "{job=\"odd\"}", "{job=~\"e.*\"}");
        place.Mode = SplitMode.Always;
        var batch = place.Collect();
        var asked = SplitSelectors.Of(place.Target)!;
        Assert.Equal(["{job=\"odd\"}", "{job=~\"e.*\"}"], asked.Groups.Select(group => string.Join(" ", group)));
        Assert.Equal((Verdict.Complete, 2, 4), (batch.Report.Verdict, place.Memory.Cuts.Count, place.Memory.PartCount));
        Assert.Contains("{job=\"odd\"}, metric names before", SplitPlan.Of(place.Target, place.Memory)!.Describe());
    }

    [Fact]
    public void PartThatFails_LeavesTheOthers_AndNoMarkersAreWritten()
    {
        var place = new SplitPlace(SplitPlace.Families(24, 5), Everything);
        place.Mode = SplitMode.Always;
        var whole = place.Collect();
        var parts = place.Memory.PartCount;
        var failing = 0;
        place.Model.Fails = number => number % parts == failing;
        for (failing = 0; failing < parts; failing++)
        {
            var batch = place.Collect();
            Assert.Equal((Verdict.Partial, 0), (batch.Report.Verdict, batch.Report.Markers));
            Assert.Contains(
                $"of {parts} parts of the scrape 1 is not complete; part {failing + 1} (",
                batch.Report.Error
            );
            Assert.InRange(batch.Scraped.Count, 1, whole.Scraped.Count - 1);
        }
        place.Model.Fails = _ => false;
        var last = place.Collect();
        Assert.Equal((Verdict.Complete, 0, ""), (last.Report.Verdict, last.Report.Markers, last.Report.Error));
        Assert.Equal(SplitPlace.Samples(whole), SplitPlace.Samples(last));
    }

    [Fact]
    public void PartThatIsCut_IsSuspect_AndIsCompleteWhenItStaysSo()
    {
        var place = new SplitPlace(SplitPlace.Families(24, 5), Everything);
        place.Mode = SplitMode.Always;
        var whole = place.Collect();
        var parts = place.Memory.PartCount;
        place.Model.Edit = (number, text) =>
            number % parts == 1 ? text[..(text.TrimEnd('\n').LastIndexOf('\n') + 1)] : text;
        var suspect = place.Collect();
        Assert.Equal((Verdict.Suspect, 0), (suspect.Report.Verdict, suspect.Report.Markers));
        Assert.Contains("part 2 (", suspect.Report.Error);
        var certain = place.Collect();
        Assert.Equal((Verdict.Complete, 1), (certain.Report.Verdict, certain.Report.Markers));
        Assert.Equal(whole.Scraped.Count - 1, certain.Scraped.Count);
    }

    [Fact]
    public void FirstScrapeInParts_IsComparedWithTheLastWhole()
    {
        var place = new SplitPlace(SplitPlace.Families(24, 5), Everything);
        var whole = place.Collect();
        place.Mode = SplitMode.Always;
        place.Model.Edit = (number, text) => number == 2 ? text[..(text.TrimEnd('\n').LastIndexOf('\n') + 1)] : text;
        place.Restart(whole);
        var split = place.Collect();
        Assert.Equal((Verdict.Suspect, 0), (split.Report.Verdict, split.Report.Markers));
        Assert.Contains("with which the last complete one ended", split.Report.Error);
    }

    [Fact]
    public void SeriesThatEnds_GetsItsMarker_WhenAllPartsAreComplete()
    {
        var place = new SplitPlace(SplitPlace.Families(24, 5), Everything);
        place.Mode = SplitMode.Always;
        place.Collect();
        var parts = place.Memory.PartCount;
        place.Model.Edit = (number, text) =>
            number % parts != 0 ? text
            : text.Split('\n', 3) is [var type, _, var rest] ? $"{type}\n{rest}"
            : text;
        var batch = place.Collect();
        Assert.Equal((Verdict.Complete, 1), (batch.Report.Verdict, batch.Report.Markers));
    }

    [Fact]
    public void SourceThatIgnoresSelectors_IsStoredOnce_AndSaysSo()
    {
        var series = SplitPlace.Families(24, 5).ToList();
        var place = new SplitPlace(series, Everything);
        place.Mode = SplitMode.Always;
        place.Model.IgnoresSelectors = true;
        var batches = place.Collect(2);
        Assert.Equal([Verdict.Complete, Verdict.Complete], batches.Select(batch => batch.Report.Verdict));
        Assert.Equal([series.Count, series.Count], batches.Select(batch => batch.Scraped.Count));
        Assert.Equal(
            [series.Count * (SourceConfig.DefaultMaxRequests - 1), 0],
            batches.Select(b => b.Report.Duplicates)
        );
        Assert.Contains("came in two parts of the scrape and were stored once", batches[0].Report.Error);
        Assert.Contains("more than it was asked for: it is asked as a whole again", batches[0].Report.Error);
        Assert.Equal("", batches[1].Report.Error);
        Assert.Contains("did not take the last split", place.Describe());
    }

    [Fact]
    public void SourceThatRefusesParts_IsAskedAsAWholeAgain()
    {
        var place = new SplitPlace(SplitPlace.Families(24, 5), Everything) { Mode = SplitMode.Always };
        place.Model.RefusesRanges = true;
        var batches = place.Collect(3);
        Assert.Equal(
            [Verdict.Failed, Verdict.Complete, Verdict.Complete],
            batches.Select(batch => batch.Report.Verdict)
        );
        Assert.Contains("refuses requests for parts: it is asked as a whole again", batches[0].Report.Error);
        Assert.False(place.Memory.IsSplit);
    }

    [Fact]
    public void PartWhoseSeriesAreElsewhereToo_IsStoredOnce()
    {
        var place = new SplitPlace(SplitPlace.Families(24, 5), Everything) { Mode = SplitMode.Always };
        place.Collect();
        var parts = place.Memory.PartCount;
        var first = "";
        place.Model.Edit = (number, text) =>
        {
            first = number % parts == 0 ? text : first;
            return number % parts == 1
                ? string.Concat(text, first.AsSpan(0, first.IndexOf('}', StringComparison.Ordinal) + 1), " 7\n")
                : text;
        };
        var batches = place.Collect(2);
        Assert.All(batches, batch => Assert.Equal((280, 1), (batch.Scraped.Count, batch.Report.Duplicates)));
        Assert.DoesNotContain(7.0, batches[1].Scraped.Values.ToArray());
        Assert.Contains("1 samples came in two parts", batches[1].Report.Error);
        Assert.Same(batches[0].Scraped.Series, batches[1].Scraped.Series);
        Assert.True(place.Memory.IsSplit);
    }

    [Fact]
    public void Describe_SaysWhatIsAndWhatWouldBe()
    {
        var place = new SplitPlace(SplitPlace.Families(24, 5), Everything);
        Assert.Matches(
            "^not split: one request is quick enough; when it comes near the timeout, it will be split by metric name.*\n"
                + "the split that would be made: 4 requests\n  metric names before .*\n(  metric names from .*\n){2}"
                + "  metric names from .* on$",
            place.Describe()
        );
        place.Mode = SplitMode.Always;
        place.Collect();
        Assert.StartsWith("split into 4 requests\n  metric names before", place.Describe());
        place.Mode = SplitMode.Never;
        Assert.Equal("not split: split is never", place.Describe());
    }

    [Fact]
    public void NextProcess_GoesOnWithThePlan()
    {
        var place = new SplitPlace(SplitPlace.Families(60, 20), Everything);
        place.Model.PerSeries = TimeSpan.FromMilliseconds(6);
        var batches = place.Collect(2);
        Assert.Equal([Verdict.Failed, Verdict.Complete], batches.Select(batch => batch.Report.Verdict));
        var names = place.Model.NameRequests;
        place.Restart(batches);
        var batch = place.Collect();
        Assert.Equal((Verdict.Complete, names), (batch.Report.Verdict, place.Model.NameRequests));
        Assert.Equal(SplitPlace.Samples(batches[1]), SplitPlace.Samples(batch));
    }

    [Fact]
    public void SourceThatComesNearTheTimeoutTwice_IsSplit_AndJoinedAgainWhenItIsQuickForLong()
    {
        var place = new SplitPlace(SplitPlace.Families(60, 20), Everything);
        place.Model.PerSeries = TimeSpan.FromSeconds(7) / SplitPlace.Families(60, 20).Count();
        place.Collect();
        Assert.False(place.Memory.IsSplit);
        place.Collect();
        Assert.InRange(place.Memory.PartCount, 2, 4);
        place.Model.PerSeries = TimeSpan.Zero;
        place.Collect(29);
        Assert.True(place.Memory.IsSplit);
        place.Collect();
        Assert.False(place.Memory.IsSplit);
        Assert.Equal((Verdict.Complete, 0), (place.Collect().Report.Verdict, place.Memory.SlowTicks));
    }

    [Fact]
    public void SplitNever_StaysWhole()
    {
        var place = new SplitPlace(SplitPlace.Families(60, 20), Everything) { Mode = SplitMode.Never };
        place.Model.PerSeries = TimeSpan.FromMilliseconds(6);
        Assert.All(place.Collect(3), batch => Assert.Equal(Verdict.Failed, batch.Report.Verdict));
        Assert.Equal((3, 0), (place.Model.Requests, place.Model.NameRequests));
    }

    [Fact]
    public void SourceThatIsGone_IsNotSplit_AndNotAskedEverMore()
    {
        var place = new SplitPlace(SplitPlace.Families(60, 20), Everything);
        place.Model.IsGone = true;
        place.Collect(10);
        Assert.False(place.Memory.IsSplit);
        Assert.Equal(10, place.Memory.SlowTicks);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SourceThatDoesNotTellItsNames_IsCutAtLetters_OrAtWhatCame(bool streams)
    {
        var place = new SplitPlace(SplitPlace.Families(60, 20), Everything);
        place.Model.PerSeries = TimeSpan.FromMilliseconds(6);
        place.Model.TellsNames = false;
        place.Model.Streams = streams;
        var batches = place.Collect(4);
        Assert.Equal(streams ? Verdict.Partial : Verdict.Failed, batches[0].Report.Verdict);
        Assert.True(batches[3].Report.Verdict is Verdict.Complete, batches[3].Report.Error);
        AssertFamiliesWhole(place);
    }

    [Fact]
    public void OtherSelectors_NeedAnotherPlan()
    {
        var place = new SplitPlace(SplitPlace.Families(24, 5), Everything) { Mode = SplitMode.Always };
        place.Collect();
        var key = place.Memory.Selectors;
        place.Target = place.Target with { Url = new Uri("http://source:1/prefix/federate?match[]={job=\"odd\"}") };
        var batch = place.Collect();
        Assert.NotEqual(key, place.Memory.Selectors);
        Assert.All(batch.Scraped.Series.Span.ToArray(), series => Assert.Equal("odd", series.Get("job")));
    }

    [Fact]
    public void SampleLimit_HoldsForAllPartsTogether()
    {
        var place = new SplitPlace(SplitPlace.Families(24, 5), Everything) { Mode = SplitMode.Always };
        var config = place.Target.Config;
        place.Target = place.Target with { Config = config with { Limits = config.Limits with { SampleLimit = 200 } } };
        var batch = place.Collect();
        Assert.Equal((Verdict.Failed, 0), (batch.Report.Verdict, batch.Scraped.Count));
        Assert.Contains("sample_limit exceeded: the body has 280 samples", batch.Report.Error);
    }

    [Fact]
    public void SameSeriesAgain_IsTheSameList_AndNothingIsAdded()
    {
        var place = new SplitPlace(SplitPlace.Families(24, 5), Everything) { Mode = SplitMode.Always };
        var batches = place.Collect(3);
        Assert.Equal([280, 0, 0], batches.Select(batch => batch.Report.SeriesAdded));
        Assert.Same(batches[1].Scraped.Series, batches[2].Scraped.Series);
        Assert.Equal(place.Memory.PartCount, batches[2].Ends.Count);
    }

    /// <summary>Of each group every name is in one part, together with all of its family.</summary>
    private static void AssertFamiliesWhole(SplitPlace place)
    {
        if (SplitPlan.Of(place.Target, place.Memory) is not { } plan)
        {
            return;
        }
        foreach (var group in plan.Parts.GroupBy(part => part.Group))
        {
            foreach (var stem in place.Model.Names.Select(MetricFamily.StemOf).Distinct(StringComparer.Ordinal))
            {
                var parts = MetricFamily
                    .NamesOf(stem)
                    .Select(name =>
                        Assert.Single(group, part => part.Range.Matchers().All(matcher => matcher.Matches(name)))
                    );
                Assert.Single(parts.Distinct());
            }
        }
    }
}
