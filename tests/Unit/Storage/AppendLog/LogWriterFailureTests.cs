using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Stores;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Storage.AppendLog;

/// <summary>What a writer does with its files when batches do not get in.</summary>
public sealed class LogWriterFailureTests
{
    private static readonly long NowMs = SimulatedTime.Start.ToUnixTimeMilliseconds();

    [Fact]
    public void Append_WhoseReportPartFails_LeavesTheFileOfTheOtherPart()
    {
        var world = new SimulatedWorld(1);
        world.Run(async () =>
        {
            long names = 0;
            var blobs = new DeniedOnce(world.Storage.ImmediateBlobs(), LogFileName.PrefixOf(Window.Of(NowMs)));
            var writer = new LogWriter(blobs, world.Time, () => new Ulid((UInt128)(++names)));
            await Assert.ThrowsAsync<StoreException>(() => writer.AppendAsync([Batch(1)], CancellationToken.None));
            var again = await writer.AppendAsync([Batch(2)], CancellationToken.None);
            var oracle = new LogOracle(world.Storage);
            oracle.RequireWhole();
            oracle.RequireAcknowledged("the writer", again[0]);
            Assert.False(writer.IsOwn(new LogFileName(Window.Of(NowMs - 1), new Ulid(1))));
            Assert.Equal(2, oracle.Parts.Count(part => part.File.Window == Window.Of(NowMs - 1)));
        });
    }

    private static Batch Batch(double value) =>
        LogBatches.Of(
            "a",
            NowMs,
            LogBatches.Columns((LogBatches.Series(1), NowMs - 10, value), (LogBatches.Series(2), NowMs, value))
        );

    /// <summary>Refuses the first append to one window.</summary>
    private sealed class DeniedOnce(IBlobStore inner, string prefix) : PassingBlobs(inner)
    {
        private bool done;

        public override Task<long> AppendAsync(
            string name,
            long expectedLengthBytes,
            ReadOnlyMemory<byte> content,
            CancellationToken cancellationToken
        )
        {
            if (!done && name.StartsWith(prefix, StringComparison.Ordinal))
            {
                done = true;
                return Task.FromException<long>(new StoreException(StoreError.Denied, "no"));
            }
            return Inner.AppendAsync(name, expectedLengthBytes, content, cancellationToken);
        }
    }
}
