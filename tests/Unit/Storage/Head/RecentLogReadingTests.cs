using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Stores;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Storage.Head;

/// <summary>Each case once broke a promise in the simulation; here it stands alone.</summary>
public sealed class RecentLogReadingTests
{
    private static readonly TimeRange Ever = new(0, long.MaxValue);
    private static readonly VectorSelector[] All = [new VectorSelector([])];
    private static readonly long NowMs = SimulatedTime.Start.ToUnixTimeMilliseconds();

    private readonly SimulatedWorld world = new(1);
    private long names;

    private TimeProvider Time => world.Time;

    [Fact]
    public void Refresh_WhoseSecondReadFails_HandsOutTheFirstAtTheNextOne() =>
        world.Run(async () =>
        {
            await Writer().AppendAsync([Batch("a", 1)], CancellationToken.None);
            await Writer().AppendAsync([Batch("b", 1)], CancellationToken.None);
            var blobs = new FailingReads(world.Storage.ImmediateBlobs(), failAt: 2);
            var recent = new RecentLog(blobs, new SeriesTable(), writer: null, Time);
            await Assert.ThrowsAsync<StoreException>(() => recent.LoadAsync(onBatch: null, CancellationToken.None));
            var sources = new List<string>();
            await recent.RefreshAsync(batch => sources.Add(batch.Source), CancellationToken.None);
            Assert.Equal(["a", "b"], sources.Order());
            Assert.Equal(4, recent.Select(All, Ever).Count);
        });

    [Fact]
    public void Load_BehindAnOwnBatchThatABetterOneBeats_CountsTheBetterOneAlone() =>
        world.Run(async () =>
        {
            await Writer().AppendAsync([Batch("a", 1, value: 5)], CancellationToken.None);
            var writer = Writer();
            var recent = new RecentLog(world.Storage.ImmediateBlobs(), new SeriesTable(), writer, Time);
            var own = Batch("a", 1, value: 9, verdict: Verdict.Partial);
            recent.Apply(await writer.AppendAsync([own], CancellationToken.None));
            await recent.LoadAsync(onBatch: null, CancellationToken.None);
            Assert.Equal([5d], Values(recent, "a"));
        });

    [Fact]
    public void Refresh_ThatContradictsTheHead_StillHandsOutItsBatches() =>
        world.Run(async () =>
        {
            var better = Writer();
            var writer = Writer();
            var recent = new RecentLog(world.Storage.ImmediateBlobs(), new SeriesTable(), writer, Time);
            var own = Batch("a", 1, value: 9, verdict: Verdict.Partial);
            recent.Apply(await writer.AppendAsync([own], CancellationToken.None));
            await better.AppendAsync([Batch("a", 1, value: 5), Batch("b", 2)], CancellationToken.None);
            var handedOut = new List<string>();
            await recent.RefreshAsync(batch => handedOut.Add(batch.Source), CancellationToken.None);
            Assert.Equal(["a", "b"], handedOut.Order());
            Assert.Equal([5d], Values(recent, "a"));
        });

    [Fact]
    public void Load_OfAFileThatIsDamagedBehindABatch_CountsTheBatch() =>
        world.Run(async () =>
        {
            var writer = Writer();
            var first = await writer.AppendAsync([Batch("a", 1)], CancellationToken.None);
            var length = world.Storage.Blobs.GetInfo(first[0].Home.ToString())!.LengthBytes;
            world.Storage.Blobs.Append(first[0].Home.ToString(), length, new byte[40]);
            var recent = new RecentLog(world.Storage.ImmediateBlobs(), new SeriesTable(), writer: null, Time);
            await recent.LoadAsync(onBatch: null, CancellationToken.None);
            Assert.Equal([1d], Values(recent, "a"));
            Assert.Single(recent.Problems);
        });

    [Fact]
    public void Load_OfABatchOfTwoWindows_KnowsTheEndOfEachPart() =>
        world.Run(async () =>
        {
            var batch = LogBatches.Of(
                "a",
                NowMs + 1,
                LogBatches.Columns(
                    (LogBatches.Series(1), NowMs - 10, 1),
                    (LogBatches.Series(2), NowMs + 1, 1),
                    (LogBatches.Series(3), NowMs - 10, 1)
                )
            );
            await Writer().AppendAsync([batch], CancellationToken.None);
            var recent = new RecentLog(world.Storage.ImmediateBlobs(), new SeriesTable(), writer: null, Time);
            IReadOnlyList<LabelSet> ends = [];
            await recent.LoadAsync(found => ends = found.Ends, CancellationToken.None);
            Assert.Equal([LogBatches.Series(3), LogBatches.Series(2)], ends);
        });

    private static double[] Values(RecentLog recent, string source) =>
        [
            .. recent
                .Select(All, Ever)
                .Where(series => series.Labels.Get("source") == source)
                .SelectMany(series => series.Samples.Select(sample => sample.Value)),
        ];

    private LogWriter Writer() => new(world.Storage.ImmediateBlobs(), Time, () => new Ulid((UInt128)(++names)));

    private static Batch Batch(string source, int tick, double value = 1, Verdict verdict = Verdict.Complete) =>
        LogBatches.Of(
            source,
            NowMs + tick,
            LogBatches.Columns((LabelSet.Of("__name__", "m", "source", source), NowMs + tick, value)),
            verdict: verdict
        );

    private sealed class FailingReads(IBlobStore inner, int failAt) : PassingBlobs(inner)
    {
        private int reads;

        public override Task<int> ReadAsync(
            string name,
            long offsetBytes,
            Memory<byte> destination,
            string? ifMatch,
            CancellationToken cancellationToken
        ) =>
            ++reads == failAt
                ? Task.FromException<int>(new StoreException(StoreError.Unknown, "no answer"))
                : Inner.ReadAsync(name, offsetBytes, destination, ifMatch, cancellationToken);
    }
}
