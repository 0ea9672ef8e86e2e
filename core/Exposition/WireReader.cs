using System.Buffers.Binary;

namespace Tributary.Exposition;

/// <summary>Reads the fields of one protobuf message that is at hand whole.</summary>
/// <remarks>See <see href="https://protobuf.dev/programming-guides/encoding/"/>. Whatever is malformed is an error.</remarks>
internal ref struct WireReader
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int Length = 2;
    private const int Fixed32 = 5;
    private const int MaxField = (1 << 29) - 1;

    private readonly ReadOnlySpan<byte> bytes;
    private readonly long offset;
    private int position;
    private int wire;

    /// <param name="bytes">The message.</param>
    /// <param name="offset">Where it begins in the body; only errors use it.</param>
    public WireReader(ReadOnlySpan<byte> bytes, long offset)
    {
        this.bytes = bytes;
        this.offset = offset;
    }

    /// <summary>The number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>Where in the body the next byte is.</summary>
    public readonly long Offset => offset + position;

    /// <summary>Whether the current field is a list of numbers in one piece.</summary>
    public readonly bool IsPacked => wire == Length;

    /// <summary>Goes to the next field; false behind the last one. The field before was read or skipped.</summary>
    public bool Next()
    {
        if (position == bytes.Length)
        {
            return false;
        }
        var tag = ReadVarint();
        if (tag >> 3 is 0 or > MaxField)
        {
            throw Error($"the field number {tag >> 3} cannot be");
        }
        (Field, wire) = ((int)(tag >> 3), (int)(tag & 7));
        return true;
    }

    /// <summary>The current field as a number.</summary>
    public ulong ReadNumber(string name)
    {
        Expect(Varint, name);
        return ReadVarint();
    }

    /// <summary>The current field as a zigzag number.</summary>
    public long ReadSigned(string name) => Unzigzag(ReadNumber(name));

    /// <summary>The current field as a float.</summary>
    public double ReadDouble(string name)
    {
        Expect(Fixed64, name);
        return ReadFixed64();
    }

    /// <summary>The current field as bytes, a text, or a message; they live as long as the bytes given.</summary>
    public ReadOnlySpan<byte> ReadBytes(string name)
    {
        Expect(Length, name);
        return ReadPiece();
    }

    /// <summary>The current field as a message.</summary>
    public WireReader ReadMessage(string name)
    {
        var message = ReadBytes(name);
        return new WireReader(message, Offset - message.Length);
    }

    /// <summary>Adds the current field, one zigzag number or a packed list of them.</summary>
    public void AddSigned(string name, List<long> list)
    {
        if (!IsPacked)
        {
            list.Add(ReadSigned(name));
            return;
        }
        var packed = ReadMessage(name);
        while (packed.position < packed.bytes.Length)
        {
            list.Add(Unzigzag(packed.ReadVarint()));
        }
    }

    /// <summary>Adds the current field, one number or a packed list of them.</summary>
    public void AddNumbers(string name, List<ulong> list)
    {
        if (!IsPacked)
        {
            list.Add(ReadNumber(name));
            return;
        }
        var packed = ReadMessage(name);
        while (packed.position < packed.bytes.Length)
        {
            list.Add(packed.ReadVarint());
        }
    }

    /// <summary>Adds the current field, one float or a packed list of them.</summary>
    public void AddDoubles(string name, List<double> list)
    {
        if (!IsPacked)
        {
            list.Add(ReadDouble(name));
            return;
        }
        var packed = ReadMessage(name);
        while (packed.position < packed.bytes.Length)
        {
            list.Add(packed.ReadFixed64());
        }
    }

    /// <summary>Passes over the current field.</summary>
    public void Skip()
    {
        switch (wire)
        {
            case Varint:
                ReadVarint();
                break;
            case Fixed64:
                Take(sizeof(ulong));
                break;
            case Length:
                ReadPiece();
                break;
            case Fixed32:
                Take(sizeof(uint));
                break;
            default:
                throw Error($"field {Field} has the wire type {wire}, which is not read");
        }
    }

    /// <summary>The error for what was found at the reader's place.</summary>
    public readonly ExpositionException Error(string problem) => new(problem, 0, Offset, []);

    /// <summary>Reads a varint that may not be at hand whole.</summary>
    /// <returns>How many bytes it has; 0 when they are not all there, and −1 when it is longer than 64 bits.</returns>
    public static int TryReadVarint(ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (i == 9 && bytes[i] > 1)
            {
                return -1;
            }
            value |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] < 0x80)
            {
                return i + 1;
            }
        }
        return bytes.Length >= 10 ? -1 : 0;
    }

    private static long Unzigzag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private readonly void Expect(int type, string name)
    {
        if (wire != type)
        {
            throw Error($"{name} (field {Field}) has the wire type {wire} instead of {type}");
        }
    }

    private ulong ReadVarint()
    {
        var length = TryReadVarint(bytes[position..], out var value);
        if (length <= 0)
        {
            throw Error(length == 0 ? "a message ends inside a number" : "a number is longer than 64 bits");
        }
        position += length;
        return value;
    }

    private double ReadFixed64() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));

    private ReadOnlySpan<byte> ReadPiece()
    {
        var length = ReadVarint();
        return length <= (ulong)(bytes.Length - position)
            ? Take((int)length)
            : throw Error($"{length} bytes wanted, but the message has only {bytes.Length - position} more");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > bytes.Length - position)
        {
            throw Error($"{count} bytes wanted, but the message has only {bytes.Length - position} more");
        }
        position += count;
        return bytes.Slice(position - count, count);
    }
}
