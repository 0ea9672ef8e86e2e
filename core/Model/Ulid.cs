using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Tributary.Model;

/// <summary>A universally unique, lexicographically sortable identifier: 48 bits of milliseconds, 80 random bits.</summary>
/// <remarks>
/// Written as 26 characters of Crockford's base 32; see <see href="https://github.com/ulid/spec"/>. Kept as two numbers:
/// what holds an <see cref="UInt128"/>, and every generic type over it, cannot be compiled ahead.
/// </remarks>
public readonly record struct Ulid : IComparable<Ulid>
{
    /// <summary>Characters of the text form.</summary>
    public const int TextLength = 26;

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int CharBits = 5;
    private const int TimeShift = 16;

    /// <summary>An identifier of its two halves.</summary>
    public Ulid(ulong high, ulong low) => (High, Low) = (high, low);

    /// <summary>An identifier of its bits.</summary>
    public Ulid(UInt128 value)
        : this((ulong)(value >> 64), (ulong)value) { }

    /// <summary>The upper 64 bits.</summary>
    public ulong High { get; }

    /// <summary>The lower 64 bits.</summary>
    public ulong Low { get; }

    /// <summary>All bits.</summary>
    public UInt128 Value => new(High, Low);

    /// <summary>When it was made, in milliseconds since the epoch.</summary>
    public long TimeMs => (long)(High >> TimeShift);

    /// <summary>An identifier of a time and ten random bytes.</summary>
    public static Ulid Create(long timeMs, ReadOnlySpan<byte> random) =>
        new(
            ((ulong)timeMs << TimeShift) | BinaryPrimitives.ReadUInt16BigEndian(random),
            BinaryPrimitives.ReadUInt64BigEndian(random[sizeof(ushort)..])
        );

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
        var (high, low) = (0UL, 0UL);
        foreach (var c in text)
        {
            var digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }
            high = (high << CharBits) | (low >> (64 - CharBits));
            low = (low << CharBits) | (uint)digit;
        }
        ulid = new Ulid(high, low);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(Ulid other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <summary>The 26 characters.</summary>
    public override string ToString() =>
        string.Create(
            TextLength,
            this,
            (text, ulid) =>
            {
                var (high, low) = (ulid.High, ulid.Low);
                for (var i = text.Length - 1; i >= 0; i--)
                {
                    text[i] = Alphabet[(int)(low & 31)];
                    low = (low >> CharBits) | (high << (64 - CharBits));
                    high >>= CharBits;
                }
            }
        );
}
