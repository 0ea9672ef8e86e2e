using System.Numerics;
using Tributary.Binary;

namespace Tributary.Storage.Chunks;

/// <summary>Encodes runs of floats that are known whole as XOR chunks with the windows that take the fewest bits.</summary>
/// <remarks>
/// The format of <see cref="XorChunkBuilder"/>: readers take the windows as they are written. A writer that sees one sample
/// at a time keeps a window as long as it fits, also when it became far too wide. Here the non-zero exclusive ors are cut
/// into runs with one window each by dynamic programming: about 5 % fewer bits for the values, at ten times the cost, which
/// compaction can pay. Its memory is used again.
/// </remarks>
internal sealed class XorChunkEncoder
{
    private const int MaxSamples = XorChunkBuilder.MaxSamples;
    private const int MaxBits = XorChunkBuilder.MaxBytes * 8;

    /// <summary>Bits of a value that stays in its window, besides the window.</summary>
    private const int ValueBits = 2;

    /// <summary>Further bits of a value with a new window.</summary>
    private const int WindowBits = 11;

    private readonly byte[] leading = new byte[MaxSamples];
    private readonly byte[] trailing = new byte[MaxSamples];

    /// <summary>The fewest bits for the first k exclusive ors, and where the last of their runs begins, with its window.</summary>
    private readonly int[] fewest = new int[MaxSamples + 1];
    private readonly int[] runStart = new int[MaxSamples + 1];
    private readonly byte[] runLeading = new byte[MaxSamples + 1];
    private readonly byte[] runTrailing = new byte[MaxSamples + 1];

    /// <summary>Where, after <see cref="MarkRuns"/>, each run that is used ends.</summary>
    private readonly int[] runEnd = new int[MaxSamples + 1];

    /// <summary>Encodes as many of the samples as one chunk takes: at least one, at most 480, at most 1 KiB.</summary>
    /// <param name="timestampsMs">Rising; not empty.</param>
    /// <param name="values">One for each timestamp.</param>
    /// <param name="output">Empty; gets the chunk.</param>
    /// <returns>How many samples are in the chunk.</returns>
    public int Encode(ReadOnlySpan<long> timestampsMs, ReadOnlySpan<double> values, BitWriter output)
    {
        var count = Math.Min(timestampsMs.Length, MaxSamples);
        timestampsMs = timestampsMs[..count];
        FindRuns(values[..count]);
        count = CountFitting(timestampsMs, values, out var xors);
        MarkRuns(xors);
        output.WriteBits((ulong)count, 16);
        WriteUvarint(output, Zigzag(timestampsMs[0]));
        var before = BitConverter.DoubleToUInt64Bits(values[0]);
        output.WriteBits(before, 64);
        var next = 0;
        var run = 0;
        for (var i = 1; i < count; i++)
        {
            WriteTimestamp(output, timestampsMs, i);
            var bits = BitConverter.DoubleToUInt64Bits(values[i]);
            var xor = bits ^ before;
            before = bits;
            if (xor == 0)
            {
                output.WriteBit(false);
                continue;
            }
            var end = runEnd[run];
            var width = 64 - runLeading[end] - runTrailing[end];
            if (next == run)
            {
                output.WriteBits((0b11UL << 11) | ((ulong)runLeading[end] << 6) | ((ulong)width & 63), 13);
            }
            else
            {
                output.WriteBits(0b10, ValueBits);
            }
            output.WriteBits(xor >> runTrailing[end], width);
            run = ++next == end ? end : run;
        }
        return count;
    }

    /// <summary>Finds, for every count k of exclusive ors, the best last run.</summary>
    private void FindRuns(ReadOnlySpan<double> values)
    {
        var k = 0;
        for (var i = 1; i < values.Length; i++)
        {
            var xor = BitConverter.DoubleToUInt64Bits(values[i]) ^ BitConverter.DoubleToUInt64Bits(values[i - 1]);
            if (xor != 0)
            {
                leading[k] = (byte)Math.Min(BitOperations.LeadingZeroCount(xor), 31);
                trailing[k] = (byte)BitOperations.TrailingZeroCount(xor);
                FindRun(++k);
            }
        }
    }

    private void FindRun(int end)
    {
        // The run before, one longer, is mostly the best or near to it; it makes the search below short.
        var (start, least) = (end - 1, int.MaxValue);
        var (bestLeading, bestTrailing) = (leading[end - 1], trailing[end - 1]);
        if (end > 1)
        {
            start = runStart[end - 1];
            bestLeading = Math.Min(bestLeading, runLeading[end - 1]);
            bestTrailing = Math.Min(bestTrailing, runTrailing[end - 1]);
            least = fewest[start] + WindowBits + ((end - start) * (ValueBits + 64 - bestLeading - bestTrailing));
        }
        var (low, lowTrailing) = (leading[end - 1], trailing[end - 1]);
        for (var j = end - 1; j >= 0; j--)
        {
            low = Math.Min(low, leading[j]);
            lowTrailing = Math.Min(lowTrailing, trailing[j]);
            // No run that begins at j or before takes fewer bits than these: its window is at least as wide, and the
            // best way to j took at most what that run takes up to j.
            var bound = fewest[j] + ((end - j) * (ValueBits + 64 - low - lowTrailing));
            if (bound >= least)
            {
                break;
            }
            if (bound + WindowBits < least)
            {
                (start, least) = (j, bound + WindowBits);
                (bestLeading, bestTrailing) = (low, lowTrailing);
            }
        }
        fewest[end] = least;
        runStart[end] = start;
        (runLeading[end], runTrailing[end]) = (bestLeading, bestTrailing);
    }

    /// <summary>How many samples fit into a chunk, and how many of them differ from the one before.</summary>
    private int CountFitting(ReadOnlySpan<long> timestampsMs, ReadOnlySpan<double> values, out int xors)
    {
        xors = 0;
        var bits = 16 + UvarintBits(Zigzag(timestampsMs[0])) + 64;
        for (var i = 1; i < timestampsMs.Length; i++)
        {
            var differs = BitConverter.DoubleToUInt64Bits(values[i]) != BitConverter.DoubleToUInt64Bits(values[i - 1]);
            bits += TimestampBits(timestampsMs, i) + (differs ? 0 : 1);
            if (bits + fewest[xors + (differs ? 1 : 0)] > MaxBits)
            {
                return i;
            }
            xors += differs ? 1 : 0;
        }
        return timestampsMs.Length;
    }

    private void MarkRuns(int xors)
    {
        for (var end = xors; end > 0; end = runStart[end])
        {
            runEnd[runStart[end]] = end;
        }
    }

    private static int TimestampBits(ReadOnlySpan<long> timestampsMs, int index) =>
        index == 1
            ? UvarintBits((ulong)(timestampsMs[1] - timestampsMs[0]))
            : DeltaOfDeltaBits(DeltaOfDelta(timestampsMs, index));

    private static long DeltaOfDelta(ReadOnlySpan<long> timestampsMs, int index) =>
        timestampsMs[index] - timestampsMs[index - 1] - (timestampsMs[index - 1] - timestampsMs[index - 2]);

    private static void WriteTimestamp(BitWriter output, ReadOnlySpan<long> timestampsMs, int index)
    {
        if (index == 1)
        {
            WriteUvarint(output, (ulong)(timestampsMs[1] - timestampsMs[0]));
            return;
        }
        var value = DeltaOfDelta(timestampsMs, index);
        switch (DeltaOfDeltaBits(value))
        {
            case 1:
                output.WriteBit(false);
                break;
            case 16:
                output.WriteBits((0b10UL << 14) | ((ulong)value & 0x3fff), 16);
                break;
            case 20:
                output.WriteBits((0b110UL << 17) | ((ulong)value & 0x1ffff), 20);
                break;
            case 24:
                output.WriteBits((0b1110UL << 20) | ((ulong)value & 0xfffff), 24);
                break;
            default:
                output.WriteBits(0b1111, 4);
                output.WriteBits((ulong)value, 64);
                break;
        }
    }

    private static int DeltaOfDeltaBits(long value) =>
        value == 0 ? 1
        : Fits(value, 14) ? 16
        : Fits(value, 17) ? 20
        : Fits(value, 20) ? 24
        : 68;

    /// <summary>Whether a number lies in the range of an n-bit form: from −(2^(n−1) − 1) to 2^(n−1).</summary>
    private static bool Fits(long value, int width) =>
        value >= -((1L << (width - 1)) - 1) && value <= 1L << (width - 1);

    private static ulong Zigzag(long value) => ((ulong)value << 1) ^ (ulong)(value >> 63);

    private static int UvarintBits(ulong value) => 8 * ((70 - BitOperations.LeadingZeroCount(value | 1)) / 7);

    private static void WriteUvarint(BitWriter output, ulong value)
    {
        while (value >= 0x80)
        {
            output.WriteBits((value & 0x7f) | 0x80, 8);
            value >>= 7;
        }
        output.WriteBits(value, 8);
    }
}
