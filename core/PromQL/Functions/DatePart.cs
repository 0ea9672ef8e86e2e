using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>A part of the date, in UTC, of values that are seconds since the epoch; parts of a second do not count.</summary>
/// <remarks>
/// The calendar is the Gregorian one without end in both directions: .NET's own ends with the years 1 and 9999, but a value
/// may be any number. What does not fit 64 bits is taken as the least of them, as upstream's conversion has it on common
/// machines; that one lies before the first second of Go's calendar and comes round at its end, in the year 292277026596.
/// </remarks>
/// <param name="part">Which part.</param>
internal sealed class DatePart(DateField part) : InstantFunction
{
    private const long SecondsPerDay = 24 * 60 * 60;
    private const long DaysPerEra = 146_097;
    private const int YearsPerEra = 400;

    /// <summary>Go counts seconds from 1 March of the year −292277022400 on, in 64 bits without sign.</summary>
    private const long FirstSecond = -9_223_372_028_741_760_000;

    // 2^64 seconds.
    private const long DaysToComeRound = 213_503_982_334_601;
    private const long SecondsToComeRound = 25_216;

    // From 1 March of the year 0, where eras of 400 years begin, to the epoch.
    private const long EraStartToEpoch = 719_468;

    /// <inheritdoc/>
    public override void Evaluate(in InstantInput input, StepColumn result)
    {
        var values = input.Column.Values;
        for (var i = 0; i < values.Length; i++)
        {
            result.Set(i, Absent.Is(values[i]) ? Absent.Value : Of(values[i]));
        }
    }

    private double Of(double value)
    {
        var seconds = value is >= long.MinValue and < -(double)long.MinValue ? (long)value : long.MinValue;
        var days = Math.DivRem(seconds, SecondsPerDay, out var ofDay);
        if (seconds < FirstSecond)
        {
            (days, ofDay) = (days + DaysToComeRound, ofDay + SecondsToComeRound);
        }
        if (ofDay < 0)
        {
            (days, ofDay) = (days - 1, ofDay + SecondsPerDay);
        }
        switch (part)
        {
            case DateField.Minute:
                return ofDay / 60 % 60;
            case DateField.Hour:
                return ofDay / 3600;
            case DateField.DayOfWeek:
                // The epoch was a Thursday.
                return (((days + 4) % 7) + 7) % 7;
            default:
                var (year, month, day) = Date(days);
                return OfDate(year, month, day);
        }
    }

    private double OfDate(long year, int month, int day) =>
        part switch
        {
            DateField.Day => day,
            DateField.Month => month,
            DateField.Year => year,
            DateField.DaysInMonth => DaysInMonth(year, month),
            _ => DayOfYear(year, month, day),
        };

    /// <summary>The date of a day, counted from the epoch.</summary>
    private static (long Year, int Month, int Day) Date(long days)
    {
        var shifted = days + EraStartToEpoch;
        var era = (shifted >= 0 ? shifted : shifted - DaysPerEra + 1) / DaysPerEra;
        var ofEra = shifted - (era * DaysPerEra);
        var yearOfEra = (ofEra - (ofEra / 1460) + (ofEra / 36_524) - (ofEra / 146_096)) / 365;
        var ofYear = (int)(ofEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100)));
        // Months are counted from March: their lengths then repeat every five months, 153 days.
        var fromMarch = ((5 * ofYear) + 2) / 153;
        var day = ofYear - (((153 * fromMarch) + 2) / 5) + 1;
        var month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
        return (yearOfEra + (era * YearsPerEra) + (month <= 2 ? 1 : 0), month, day);
    }

    private static int DaysInMonth(long year, int month) =>
        month switch
        {
            2 => IsLeap(year) ? 29 : 28,
            4 or 6 or 9 or 11 => 30,
            _ => 31,
        };

    private static int DayOfYear(long year, int month, int day)
    {
        for (var i = 1; i < month; i++)
        {
            day += DaysInMonth(year, i);
        }
        return day;
    }

    private static bool IsLeap(long year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// <summary>What <see cref="DatePart"/> gives.</summary>
internal enum DateField
{
    /// <summary>0 to 59.</summary>
    Minute,

    /// <summary>0 to 23.</summary>
    Hour,

    /// <summary>1 to 31.</summary>
    Day,

    /// <summary>0, Sunday, to 6.</summary>
    DayOfWeek,

    /// <summary>1 to 366.</summary>
    DayOfYear,

    /// <summary>28 to 31.</summary>
    DaysInMonth,

    /// <summary>1 to 12.</summary>
    Month,

    /// <summary>The year.</summary>
    Year,
}
