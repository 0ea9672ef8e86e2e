using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Tributary.Model;

/// <summary>A universally unique, lexicographically sortable identifier: 48 bits of milliseconds, 80 random bits.</summary>
/// <remarks>Written as 26 characters of Crockford's base 32; see <see href="https://github.com/ulid/spec"/>.</remarks>
public readonly record struct Ulid(UInt128 Value) : IComparable<Ulid>
{
    /// <summary>Characters of the text form.</summary>
    public const int TextLength = 26;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>When it was made, in milliseconds since the epoch.</summary>
    public long TimeMs => (long)(Value >> 80);

    /// <summary>An identifier of a time and ten random bytes.</summary>
    public static Ulid Create(long timeMs, ReadOnlySpan<byte> random)
    {
        Span<byte> low = stackalloc byte[16];
        low.Clear();
        random[..10].CopyTo(low[6..]);
        return new Ulid(((UInt128)(ulong)timeMs << 80) | BinaryPrimitives.ReadUInt128BigEndian(low));
    }

    /// <summary>An identifier of now and random bytes of <paramref name="random"/>.</summary>
    public static Ulid New(TimeProvider time, Random random)
    {
        Span<byte> bytes = stackalloc byte[10];
        random.NextBytes(bytes);
        return Create(time.GetUtcNow().ToUnixTimeMilliseconds(), bytes);
    }

    /// <summary>Reads the text form, upper case.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Ulid ulid)
    {
        ulid = default;
        if (text is not { Length: TextLength } || text[0] > '7')
        {
            return false;
        }
        UInt128 value = 0;
        foreach (var c in text)
        {
            var digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }
            value = (value << 5) | (UInt128)(uint)digit;
        }
        ulid = new Ulid(value);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Ulid other) => Value.CompareTo(other.Value);

    /// <summary>The 26 characters.</summary>
    public override string ToString() =>
        string.Create(
            TextLength,
            Value,
            (text, value) =>
            {
                for (var i = text.Length - 1; i >= 0; i--)
                {
                    text[i] = Alphabet[(int)(uint)(value & 31)];
                    value >>= 5;
                }
            }
        );
}
