namespace Tributary.PromQL.Syntax;

/// <summary>Finds out how far a number or a duration reaches.</summary>
internal ref struct NumberScanner(ReadOnlySpan<char> text)
{
    private readonly ReadOnlySpan<char> text = text;

    /// <summary>Where the number or duration ends; where it is none, behind what was understood.</summary>
    public int Length { get; private set; }

    /// <summary>Reads the text from its start, which is a digit or a point.</summary>
    /// <returns>What it is; null if it is neither. Whether every digit is where it belongs is not looked at.</returns>
    public TokenKind? Scan() =>
        IsNumber() ? TokenKind.Number
        : IsDuration() ? TokenKind.Duration
        : null;

    private readonly char Current => Length < text.Length ? text[Length] : '\0';

    private bool IsNumber()
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            Length = 2;
            SkipDigits(hexadecimal: true);
            return IsAtBoundary();
        }
        SkipDigits();
        if (Current == '.')
        {
            Length++;
            SkipDigits();
            if (Current == '.')
            {
                Length++;
                return false;
            }
        }
        return SkipExponent() && IsAtBoundary();
    }

    /// <summary>Passes an exponent, if there is one.</summary>
    /// <returns>Whether it has digits.</returns>
    private bool SkipExponent()
    {
        if (Current is not ('e' or 'E'))
        {
            return true;
        }
        Length++;
        if (Current is '+' or '-')
        {
            Length++;
        }
        var start = Length;
        SkipDigits();
        return Length > start;
    }

    /// <summary>Reads units behind the digits that were read as a number.</summary>
    private bool IsDuration()
    {
        if (!SkipUnit("smhdwy"))
        {
            return false;
        }
        while (char.IsAsciiDigit(Current))
        {
            while (char.IsAsciiDigit(Current))
            {
                Length++;
            }
            if (!SkipUnit("smhdw"))
            {
                return false;
            }
        }
        if (IsAtBoundary())
        {
            return true;
        }
        Length++;
        return false;
    }

    private bool SkipUnit(string first)
    {
        if (!first.Contains(Current, StringComparison.Ordinal))
        {
            return false;
        }
        Length += text[(Length + 1)..].StartsWith("s") ? 2 : 1;
        return true;
    }

    private void SkipDigits(bool hexadecimal = false)
    {
        while (char.IsAsciiDigit(Current) || Current == '_' || (hexadecimal && char.IsAsciiHexDigit(Current)))
        {
            Length++;
        }
    }

    private readonly bool IsAtBoundary() => !char.IsAsciiLetterOrDigit(Current) && Current != '_';
}
