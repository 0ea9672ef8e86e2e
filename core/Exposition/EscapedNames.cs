using System.Text;

namespace Tributary.Exposition;

/// <summary>Reads names that <see cref="MetricNames.Escape"/> wrote with the scheme <c>values</c>: <c>U__a_2e_b</c> is <c>a.b</c>.</summary>
public static class EscapedNames
{
    private const string Prefix = "U__";

    /// <summary>Hexadecimal digits of the greatest code point.</summary>
    private const int MaxDigits = 6;

    /// <summary>The name behind the escapes; a name that is not written so, or not rightly, as it is.</summary>
    public static string Unescape(string name)
    {
        if (!name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return name;
        }
        var plain = new StringBuilder(name.Length);
        var rest = name.AsSpan(Prefix.Length);
        while (rest.Length > 0)
        {
            if (rest[0] != '_')
            {
                plain.Append(rest[0]);
                rest = rest[1..];
                continue;
            }
            var digits = rest[1..].IndexOf('_');
            if (digits == 0)
            {
                plain.Append('_');
            }
            else if (digits is < 0 or > MaxDigits || !TryAppend(rest.Slice(1, digits), plain))
            {
                return name;
            }
            rest = rest[(digits + 2)..];
        }
        return plain.ToString();
    }

    private static bool TryAppend(ReadOnlySpan<char> digits, StringBuilder plain)
    {
        var value = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiHexDigit(digit))
            {
                return false;
            }
            value = (value * 16) + Convert.ToInt32(digit.ToString(), 16);
        }
        if (!Rune.IsValid(value))
        {
            return false;
        }
        plain.Append(new Rune(value).ToString());
        return true;
    }
}
