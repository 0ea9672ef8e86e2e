using Tributary.Binary;
using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Stores that write as a careless implementation would.</summary>
internal static class WrongWriting
{
    /// <summary>An error of an append that is taken for success.</summary>
    public sealed class Believing(IBlobStore inner, StoreError error) : PassingBlobs(inner)
    {
        public override async Task<long> AppendAsync(
            string name,
            long expectedLengthBytes,
            ReadOnlyMemory<byte> content,
            CancellationToken cancellationToken
        )
        {
            try
            {
                return await Inner.AppendAsync(name, expectedLengthBytes, content, cancellationToken);
            }
            catch (StoreException exception) when (exception.Error == error)
            {
                return expectedLengthBytes + content.Length;
            }
        }
    }

    /// <summary>Appends wherever the file ends, at every attempt or only when the expected position was refused.</summary>
    public sealed class AtTheEnd(IBlobStore inner, SimulatedStorage storage, bool always) : PassingBlobs(inner)
    {
        public override async Task<long> AppendAsync(
            string name,
            long expectedLengthBytes,
            ReadOnlyMemory<byte> content,
            CancellationToken cancellationToken
        )
        {
            try
            {
                var position = always ? EndOf(name) : expectedLengthBytes;
                return await Inner.AppendAsync(name, position, content, cancellationToken);
            }
            catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
            {
                return await Inner.AppendAsync(name, EndOf(name), content, cancellationToken);
            }
        }

        private long EndOf(string name) => storage.Blobs.GetInfo(name)?.LengthBytes ?? 0;
    }

    /// <summary>Does not mind that the file it creates exists.</summary>
    public sealed class NotMindingOldFiles(IBlobStore inner) : PassingBlobs(inner)
    {
        public override async Task CreateAppendAsync(string name, CancellationToken cancellationToken)
        {
            try
            {
                await Inner.CreateAppendAsync(name, cancellationToken);
            }
            catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
            {
                await Inner.GetInfoAsync(name, cancellationToken);
            }
        }
    }

    /// <summary>Puts an empty file in the place of whatever is there, as a creation without a condition does.</summary>
    public sealed class Overwriting(IBlobStore inner, SimulatedStorage storage) : PassingBlobs(inner)
    {
        public override async Task CreateAppendAsync(string name, CancellationToken cancellationToken)
        {
            storage.Blobs.Delete(name, ifMatch: null);
            await Inner.CreateAppendAsync(name, cancellationToken);
        }
    }

    /// <summary>Answers a seal without sealing.</summary>
    public sealed class NotSealing(IBlobStore inner) : PassingBlobs(inner)
    {
        public override async Task<BlobInfo> SealAsync(string name, CancellationToken cancellationToken) =>
            await Inner.GetInfoAsync(name, cancellationToken)
            ?? throw new StoreException(StoreError.NotFound, $"{name} is not there");
    }

    /// <summary>Appends the part with the report first, and what belongs to it behind that.</summary>
    public sealed class ReportFirst(IBlobStore inner) : PassingBlobs(inner)
    {
        private readonly List<(string Name, long Position, byte[] Content)> postponed = [];

        public override async Task<long> AppendAsync(
            string name,
            long expectedLengthBytes,
            ReadOnlyMemory<byte> content,
            CancellationToken cancellationToken
        )
        {
            if (EndsPartWithoutReport(content, expectedLengthBytes))
            {
                postponed.Add((name, expectedLengthBytes, content.ToArray()));
                return expectedLengthBytes + content.Length;
            }
            var length = await Inner.AppendAsync(name, expectedLengthBytes, content, cancellationToken);
            foreach (var (other, position, bytes) in postponed)
            {
                await Inner.AppendAsync(other, position, bytes, cancellationToken);
            }
            postponed.Clear();
            return length;
        }

        private static bool EndsPartWithoutReport(ReadOnlyMemory<byte> content, long position)
        {
            var at = position == 0 ? LogFormat.PreambleBytes : 0;
            var ends = false;
            while (at < content.Length)
            {
                var frame = new ByteReader(content.Span[at..], "append");
                var length = (int)frame.ReadUInt32();
                if ((RecordType)content.Span[at + LogFormat.FrameBytes] == RecordType.Report)
                {
                    return false;
                }
                ends |= (content.Span[at + LogFormat.FrameBytes + 1] & (byte)RecordFlags.End) != 0;
                at += LogFormat.FrameBytes + length;
            }
            return ends;
        }
    }
}
