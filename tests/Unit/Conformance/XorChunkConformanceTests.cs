using Tributary.Binary;
using Tributary.Storage.Chunks;
using Tributary.Tests.Unit.Storage.Chunks;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>Reads the float chunks of Prometheus' blocks, and encodes what they hold with the best windows.</summary>
public sealed class XorChunkConformanceTests
{
    [Theory]
    [InlineData("http-api/blocks.tar.gz")]
    [InlineData("native-histograms/blocks.tar.gz")]
    public void Encode_SamplesOfPrometheus_TakeNoMoreBytes(string archive)
    {
        var encoder = new XorChunkEncoder();
        var (before, after) = (0L, 0L);
        var chunks = SegmentFile.InArchive(archive).SelectMany(SegmentFile.Chunks);
        ConformanceData.Run(
            archive,
            chunks.Where(chunk => chunk.Encoding is ChunkEncoding.Xor),
            chunk =>
            {
                var count = XorChunk.Count(chunk.Bytes, archive);
                var (timestamps, values) = (new long[count], new double[count]);
                XorChunk.Decode(chunk.Bytes, timestamps, values, archive);
                var bytes = 0;
                for (var start = 0; start < count; )
                {
                    var output = new BitWriter();
                    var taken = encoder.Encode(timestamps.AsSpan(start), values.AsSpan(start), output);
                    var (timestampsAgain, valuesAgain) = (new long[taken], new double[taken]);
                    XorChunk.Decode(output.WrittenSpan, timestampsAgain, valuesAgain, archive);
                    Assert.Equal(timestamps[start..(start + taken)], timestampsAgain);
                    Assert.Equal(
                        values[start..(start + taken)].Select(BitConverter.DoubleToInt64Bits),
                        valuesAgain.Select(BitConverter.DoubleToInt64Bits)
                    );
                    bytes += output.ByteCount;
                    start += taken;
                }
                before += chunk.Bytes.Length;
                after += bytes;
                // Prometheus 2.42 let a chunk grow beyond 1 KiB, which are two of ours.
                return bytes <= chunk.Bytes.Length || chunk.Bytes.Length > XorChunkBuilder.MaxBytes
                    ? null
                    : $"{bytes} bytes instead of {chunk.Bytes.Length}";
            }
        );
        TestContext.Current.TestOutputHelper?.WriteLine($"{archive}: {before} bytes of chunks became {after}");
    }
}
