using Tributary.Functions.Hosting;
using Tributary.Functions.Serving;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Syntax;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Functions;

/// <summary>Answers of a whole server say what is missing in them, in the process that collects and in one that only reads.</summary>
public sealed class CompletenessTests
{
    private const string Warning = "is not complete in this range: ";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Answers_AcrossAnOutage_SayWhatIsMissing()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var (collector, collect, _) = place.Start();
        var startMs = NowMs(place);
        await collect.RunAsync();
        place.Time.Advance(TimeSpan.FromMinutes(10));
        await collect.RunAsync();
        var endMs = NowMs(place);
        var (reader, _, fresh) = place.Start();
        await fresh.ConfigAsync(Token);
        Assert.Null(await fresh.DataAsync(Token));
        foreach (var state in new[] { StateOf(collector), StateOf(reader) })
        {
            var before = Operations(place);
            var warning = Assert.Single(await RangeAsync(state, "sum(m) + sum(m offset 1m)", startMs, endMs));
            Assert.StartsWith("source a/a/", warning, StringComparison.Ordinal);
            Assert.Contains(Warning + "2", warning, StringComparison.Ordinal);
            Assert.Contains("nobody collected then", warning, StringComparison.Ordinal);
            Assert.Empty(await RangeAsync(state, "m{job=\"other\"}", startMs, endMs));
            Assert.Empty(await RangeAsync(state, "m", startMs - 60_000, startMs));
            var selector = SelectorParser.ParseAny("m");
            var range = new TimeRange(startMs, endMs);
            Assert.Single((await state.Series([selector], range, 0, Token)).Warnings);
            Assert.Single((await state.LabelNames([], range, 0, Token)).Warnings);
            Assert.Single((await state.LabelValues("job", [selector], range, 0, Token)).Warnings);
            Assert.Empty((await state.LabelValues("job", [], new TimeRange(startMs, startMs), 0, Token)).Warnings);
            // The tables are asked for the manifest, and for nothing of the sources.
            Assert.InRange(Operations(place) - before, 0, 24);
        }
    }

    [Fact]
    public async Task Answers_InNormalOperation_NeverWarn()
    {
        await using var place = await FunctionsPlace.StartAsync("15s");
        var (collector, collect, _) = place.Start();
        var (reader, _, fresh) = place.Start();
        await fresh.ConfigAsync(Token);
        for (var minute = 0; minute < 12; minute++)
        {
            await collect.RunAsync();
            place.Time.Advance(TimeSpan.FromSeconds(59));
            Assert.Null(await fresh.DataAsync(Token));
            foreach (var state in new[] { StateOf(collector), StateOf(reader) })
            {
                Assert.Empty(await RangeAsync(state, "m", NowMs(place) - 3_600_000, NowMs(place) + 3_600_000));
            }
            place.Time.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Empty(StateOf(collector).Gaps("").Sources);
    }

    [Fact]
    public async Task Answers_WhileNobodyCollects_WarnBehindTheTolerance()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var (collector, collect, _) = place.Start();
        await collect.RunAsync();
        // Two intervals, 10 s of timeout, 30 s.
        place.Time.Advance(TimeSpan.FromSeconds(160));
        Assert.Empty(await RangeAsync(StateOf(collector), "m", NowMs(place) - 1000, NowMs(place)));
        place.Time.Advance(TimeSpan.FromMilliseconds(1));
        var warning = Assert.Single(await RangeAsync(StateOf(collector), "m", NowMs(place) - 1000, NowMs(place)));
        Assert.EndsWith("on (not collected yet)", warning, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<string>> RangeAsync(
        ServerState state,
        string query,
        long startMs,
        long endMs
    ) => (await state.Queries().RangeAsync(query, startMs, endMs, 1000, new QueryOptions(), Token)).Warnings;

    private static ServerState StateOf(CollectorServer collector) =>
        collector.View(_ => Task.FromResult<string?>(null));

    private static long NowMs(FunctionsPlace place) => place.Time.GetUtcNow().ToUnixTimeMilliseconds();

    private static long Operations(FunctionsPlace place) => place.Tables.Operations[OperationClass.TableRead];
}
