using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Model;
using Tributary.Storage.Ledger;

namespace Tributary.Tests.Unit.Federation;

public sealed class PullMemoryTests
{
    private static readonly PullMemory Full = new()
    {
        CursorMs = 1_700_000_000_000,
        Mode = PullMode.Range,
        Server = "prometheus:9090",
        VerifiedMs = 1_700_000_000_001,
        KnowsExternalLabels = true,
        ExternalLabels = LabelSet.Of("cluster", "a", "region", "b"),
        Refused = [new RefusedMode(PullMode.RemoteRead, "it answered 404", 7)],
        OverlapMs = 10_000,
        SamplesPerSecond = 333,
        SliceMs = 5000,
        Failures = 2,
    };

    [Fact]
    public void Memory_IsReadAsItWasWritten()
    {
        foreach (var memory in new[] { Full, PullMemory.Empty })
        {
            var writer = new ByteWriter();
            memory.Encode(writer);
            var reader = new ByteReader(writer.WrittenSpan, "row");
            var read = PullMemory.Decode(ref reader);

            Assert.Equal(0, reader.Remaining);
            Assert.Equal(memory.Refused, read.Refused);
            Assert.Equal(memory, read with { Refused = memory.Refused });
        }
    }

    [Fact]
    public void AMemoryCutAnywhere_IsCorrupt()
    {
        var writer = new ByteWriter();
        Full.Encode(writer);
        var bytes = writer.WrittenSpan.ToArray();
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<CorruptDataException>(() =>
            {
                var reader = new ByteReader(bytes.AsSpan(0, length), "row");
                PullMemory.Decode(ref reader);
            });
        }
    }

    [Fact]
    public void TwoMemories_AreTheFurtherCursorAndTheLaterLook()
    {
        var older = Full with
        {
            VerifiedMs = 5,
            Mode = PullMode.RemoteRead,
            Refused = [],
            CursorMs = 1_800_000_000_000,
        };

        foreach (var merged in new[] { Full.Merge(older), older.Merge(Full) })
        {
            Assert.Equal(1_800_000_000_000, merged.CursorMs);
            Assert.Equal(PullMode.Range, merged.Mode);
        }
    }

    [Fact]
    public void ARefusedMode_IsNoLongerTheOneThatWorks()
    {
        var refused = Full.Refusing(PullMode.Range, new string('x', 1000), 9);

        Assert.Null(refused.Mode);
        Assert.Equal(2, refused.Refused.Count);
        Assert.Equal(400, refused.RefusalOf(PullMode.Range)!.Reason.Length);
        Assert.Null(PullMemory.Empty.RefusalOf(PullMode.Range));
    }
}
