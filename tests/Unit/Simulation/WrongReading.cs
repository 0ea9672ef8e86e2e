using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Tributary.Binary;
using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Stores that read as a careless implementation would.</summary>
internal static class WrongReading
{
    /// <summary>Answers a list with the one before.</summary>
    public sealed class StaleList(IBlobStore inner) : PassingBlobs(inner)
    {
        private List<BlobInfo> before = [];

        public override async IAsyncEnumerable<BlobInfo> ListAsync(
            string prefix,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            var answer = before;
            var now = new List<BlobInfo>();
            await foreach (var info in Inner.ListAsync(prefix, cancellationToken))
            {
                now.Add(info);
            }
            before = now;
            foreach (var info in answer)
            {
                yield return info;
            }
        }
    }

    /// <summary>Reads the files before it lists them, and believes that they were as long then.</summary>
    public sealed class ReadBeforeList(IBlobStore inner, SimulatedStorage storage) : PassingBlobs(inner)
    {
        private readonly Dictionary<string, byte[]> contents = new(StringComparer.Ordinal);

        public override async IAsyncEnumerable<BlobInfo> ListAsync(
            string prefix,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            contents.Clear();
            foreach (var info in storage.Blobs.All)
            {
                contents[info.Name] = storage.Blobs.ContentOf(info.Name)!.Value.ToArray();
            }
            await foreach (var info in Inner.ListAsync(prefix, cancellationToken))
            {
                yield return info;
            }
        }

        public override async Task<int> ReadAsync(
            string name,
            long offsetBytes,
            Memory<byte> destination,
            string? ifMatch,
            CancellationToken cancellationToken
        )
        {
            var count = await Inner.ReadAsync(name, offsetBytes, destination, ifMatch, cancellationToken);
            var content = contents.GetValueOrDefault(name, []);
            var known = (int)Math.Clamp(content.Length - offsetBytes, 0, count);
            destination.Span[known..count].Clear();
            return count;
        }
    }

    /// <summary>Changes the records that are read; their checksums fit afterwards.</summary>
    public abstract class Editing(IBlobStore inner) : PassingBlobs(inner)
    {
        public override async Task<int> ReadAsync(
            string name,
            long offsetBytes,
            Memory<byte> destination,
            string? ifMatch,
            CancellationToken cancellationToken
        )
        {
            var count = await Inner.ReadAsync(name, offsetBytes, destination, ifMatch, cancellationToken);
            var bytes = destination[..count];
            var at = offsetBytes == 0 ? LogFormat.PreambleBytes : 0;
            var bodies = new List<Memory<byte>>();
            while (at + LogFormat.FrameBytes < bytes.Length)
            {
                var length = (int)BinaryPrimitives.ReadUInt32BigEndian(bytes.Span[at..]);
                if (at + LogFormat.FrameBytes + length > bytes.Length)
                {
                    break;
                }
                bodies.Add(bytes.Slice(at, LogFormat.FrameBytes + length));
                at += LogFormat.FrameBytes + length;
            }
            Edit(name, bodies);
            foreach (var frame in bodies)
            {
                var crc = Crc32C.Compute(frame.Span[LogFormat.FrameBytes..]);
                BinaryPrimitives.WriteUInt32BigEndian(frame.Span[sizeof(uint)..], crc);
            }
            return count;
        }

        protected abstract void Edit(string name, List<Memory<byte>> frames);

        protected static RecordType TypeOf(Memory<byte> frame) => (RecordType)frame.Span[LogFormat.FrameBytes];

        protected static ref byte FlagsOf(Memory<byte> frame) => ref frame.Span[LogFormat.FrameBytes + 1];
    }

    /// <summary>Lets a part whose end never came pass for a whole one.</summary>
    public sealed class WithoutEnd(IBlobStore inner) : Editing(inner)
    {
        protected override void Edit(string name, List<Memory<byte>> frames)
        {
            if (frames.Count > 0 && TypeOf(frames[^1]) == RecordType.Samples)
            {
                FlagsOf(frames[^1]) |= (byte)RecordFlags.End;
            }
        }
    }

    /// <summary>Reads damaged bytes as if nothing said so.</summary>
    public sealed class WithoutChecksum(IBlobStore inner, SeededRandom random) : Editing(inner)
    {
        protected override void Edit(string name, List<Memory<byte>> frames)
        {
            foreach (var frame in frames.Where(frame => TypeOf(frame) == RecordType.Samples && random.Chance(0.02)))
            {
                frame.Span[^1] ^= 1;
            }
        }
    }
}
