using System.Numerics;
using Tributary.Binary;

namespace Tributary.Storage.AppendLog;

/// <summary>The timestamps of one column, against a prediction per position; docs/formats/log.md#timestamps.</summary>
/// <remarks>
/// The error of position i is its timestamp less <c>predicted[i]</c> and less one step common to the column. Most columns
/// have one error or a few (one per target behind the source), so three forms compete: a dictionary with indexes of 0 to 8
/// bits, gaps between the positions that are off, plain varints.
/// </remarks>
internal static class TimestampCodec
{
    private const byte Dictionary = 0;
    private const byte Sparse = 1;
    private const byte Plain = 2;
    private const int MaxDictionary = 256;

    /// <param name="timestampsMs">What to write.</param>
    /// <param name="predictedMs">The timestamp before of the same position, or the tick; in, and then out: the new ones.</param>
    /// <param name="output">Where to write.</param>
    public static void Encode(ReadOnlySpan<long> timestampsMs, Span<long> predictedMs, ByteWriter output)
    {
        var step = MajorityStep(timestampsMs, predictedMs);
        output.WriteVarint(step);
        for (var i = 0; i < timestampsMs.Length; i++)
        {
            predictedMs[i] = timestampsMs[i] - predictedMs[i] - step;
        }
        EncodeErrors(predictedMs[..timestampsMs.Length], output);
        timestampsMs.CopyTo(predictedMs);
    }

    /// <param name="predictedMs">As in <see cref="Encode"/>; in the predictions, out the timestamps.</param>
    /// <param name="input">Where to read.</param>
    public static void Decode(Span<long> predictedMs, ref ByteReader input)
    {
        var step = input.ReadVarint();
        switch (input.ReadByte())
        {
            case Dictionary:
                DecodeDictionary(predictedMs, step, ref input);
                break;
            case Sparse:
                DecodeSparse(predictedMs, step, ref input);
                break;
            case Plain:
                foreach (ref var timestamp in predictedMs)
                {
                    timestamp += step + input.ReadVarint();
                }
                break;
            default:
                throw input.Corrupt("unknown form of timestamps");
        }
    }

    /// <summary>The step that most positions share, if any does (Boyer and Moore's vote).</summary>
    private static long MajorityStep(ReadOnlySpan<long> timestampsMs, ReadOnlySpan<long> predictedMs)
    {
        var step = 0L;
        var votes = 0;
        for (var i = 0; i < timestampsMs.Length; i++)
        {
            var candidate = timestampsMs[i] - predictedMs[i];
            if (votes == 0)
            {
                step = candidate;
            }
            votes += candidate == step ? 1 : -1;
        }
        return step;
    }

    private static void EncodeErrors(ReadOnlySpan<long> errors, ByteWriter output)
    {
        var off = errors.Length - Count(errors, 0);
        Span<long> distinct = stackalloc long[MaxDictionary];
        var sizes = off == 0 ? 1 : Distinct(errors, distinct);
        var width = IndexBits(sizes);
        // A gap and an error take about three bytes, an index its bits.
        if (off > 0 && (sizes > MaxDictionary || off * 24L < (long)errors.Length * width))
        {
            EncodeOffPositions(errors, off, output);
            return;
        }
        output.WriteByte(Dictionary);
        output.WriteUvarint((ulong)sizes);
        for (var i = 0; i < sizes; i++)
        {
            output.WriteVarint(off == 0 ? 0 : distinct[i]);
        }
        WriteIndexes(errors, distinct[..sizes], width, output);
    }

    private static void EncodeOffPositions(ReadOnlySpan<long> errors, int off, ByteWriter output)
    {
        var plain = off * 3L > errors.Length * 2L;
        output.WriteByte(plain ? Plain : Sparse);
        if (!plain)
        {
            output.WriteUvarint((ulong)off);
        }
        var next = 0;
        for (var i = 0; i < errors.Length; i++)
        {
            if (plain)
            {
                output.WriteVarint(errors[i]);
            }
            else if (errors[i] != 0)
            {
                output.WriteUvarint((ulong)(i - next));
                output.WriteVarint(errors[i]);
                next = i + 1;
            }
        }
    }

    private static int Count(ReadOnlySpan<long> errors, long value) => MemoryExtensions.Count(errors, value);

    /// <summary>How many distinct errors there are, or more than the dictionary holds.</summary>
    private static int Distinct(ReadOnlySpan<long> errors, Span<long> distinct)
    {
        var count = 0;
        var last = 0;
        for (var i = 0; i < errors.Length; i++)
        {
            if (count > 0 && distinct[last] == errors[i])
            {
                continue;
            }
            last = distinct[..count].IndexOf(errors[i]);
            if (last < 0)
            {
                if (count == distinct.Length)
                {
                    return MaxDictionary + 1;
                }
                last = count;
                distinct[count++] = errors[i];
            }
        }
        return count;
    }

    private static int IndexBits(int distinct) =>
        distinct <= 1 ? 0 : (int)BitOperations.RoundUpToPowerOf2((uint)BitOperations.Log2((uint)(distinct - 1)) + 1);

    private static void WriteIndexes(
        ReadOnlySpan<long> errors,
        ReadOnlySpan<long> distinct,
        int width,
        ByteWriter output
    )
    {
        if (width == 0)
        {
            return;
        }
        var perByte = 8 / width;
        var last = 0;
        for (var i = 0; i < errors.Length; i += perByte)
        {
            var packed = 0;
            for (var k = 0; k < perByte && i + k < errors.Length; k++)
            {
                if (distinct[last] != errors[i + k])
                {
                    last = distinct.IndexOf(errors[i + k]);
                }
                packed |= last << (k * width);
            }
            output.WriteByte((byte)packed);
        }
    }

    private static void DecodeDictionary(Span<long> timestamps, long step, ref ByteReader input)
    {
        var count = input.ReadCount("distinct timestamps");
        if (count is 0 or > MaxDictionary)
        {
            throw input.Corrupt($"{count} distinct timestamps");
        }
        Span<long> steps = stackalloc long[count];
        for (var i = 0; i < count; i++)
        {
            steps[i] = step + input.ReadVarint();
        }
        var width = IndexBits(count);
        if (width == 0)
        {
            foreach (ref var timestamp in timestamps)
            {
                timestamp += steps[0];
            }
            return;
        }
        var perByte = 8 / width;
        var packed = input.ReadBytes((timestamps.Length + perByte - 1) / perByte);
        for (var i = 0; i < timestamps.Length; i++)
        {
            var index = (packed[i / perByte] >> (i % perByte * width)) & ((1 << width) - 1);
            if (index >= count)
            {
                throw input.Corrupt($"index {index} of {count} timestamps");
            }
            timestamps[i] += steps[index];
        }
    }

    private static void DecodeSparse(Span<long> timestamps, long step, ref ByteReader input)
    {
        foreach (ref var timestamp in timestamps)
        {
            timestamp += step;
        }
        var count = input.ReadCount("timestamps that are off");
        var next = 0L;
        for (var i = 0; i < count; i++)
        {
            next += checked((long)input.ReadUvarint());
            if (next >= timestamps.Length)
            {
                throw input.Corrupt($"timestamp of position {next} of {timestamps.Length}");
            }
            timestamps[(int)next] += input.ReadVarint();
            next++;
        }
    }
}
