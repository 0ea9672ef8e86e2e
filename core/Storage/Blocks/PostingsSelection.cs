using Tributary.PromQL.Syntax;
using Tributary.Storage.Files;
using Tributary.Storage.Indexes;

namespace Tributary.Storage.Blocks;

/// <summary>Finds the series of a block that satisfy matchers, with as few postings as it takes.</summary>
/// <remarks>
/// Each matcher becomes lists to intersect with, or lists to take away. What would cost more to read than the series that
/// are left is handed back, and asked of the series themselves.
/// </remarks>
internal static class PostingsSelection
{
    /// <summary>What it costs at least to read postings: a request, whose page has so many bytes.</summary>
    private const long RequestBytes = PageCache.PageBytes;

    /// <summary>What it costs to read a series and see that it does not match.</summary>
    private const long BytesOfSeries = 128;

    /// <summary>The series, and the matchers that they have yet to satisfy.</summary>
    public static async ValueTask<(uint[] Series, IReadOnlyList<LabelMatcher> Left)> SelectAsync(
        IndexReader index,
        IReadOnlyList<LabelMatcher> matchers,
        CancellationToken cancellationToken
    )
    {
        var rest = new List<LabelMatcher>();
        var plans = new List<Plan>();
        // What any label with a value satisfies says little; while another matcher selects, it is asked last.
        var selects = matchers.Any(matcher => !matcher.MatchesEmpty && !TakesAnyValue(matcher));
        foreach (var matcher in matchers)
        {
            if (selects && (TakesAnyValue(matcher) || TakesNoValue(matcher)))
            {
                rest.Add(matcher);
                continue;
            }
            var plan = new Plan(matcher, await ListsAsync(index, matcher, cancellationToken));
            if (plan.Lists.Count > 0)
            {
                plans.Add(plan);
            }
            else if (!matcher.MatchesEmpty)
            {
                return ([], []);
            }
        }
        return (await IntersectAsync(index, plans, rest, cancellationToken), rest);
    }

    private static async ValueTask<uint[]> IntersectAsync(
        IndexReader index,
        List<Plan> plans,
        List<LabelMatcher> rest,
        CancellationToken cancellationToken
    )
    {
        uint[]? series = null;
        foreach (var plan in plans.OrderBy(plan => plan.Matcher.MatchesEmpty).ThenBy(plan => plan.Bytes))
        {
            if (series is { Length: 0 })
            {
                return [];
            }
            if (series is not null && Math.Max(plan.Bytes, RequestBytes) > series.Length * BytesOfSeries)
            {
                rest.Add(plan.Matcher);
                continue;
            }
            var listed = await index.ReadPostingsAsync(plan.Lists, cancellationToken);
            if (plan.Matcher.MatchesEmpty)
            {
                series ??= await index.ReadAllSeriesAsync(cancellationToken);
                series = PostingsLists.Except(series, listed);
            }
            else
            {
                series = series is null ? listed : PostingsLists.Intersect(series, listed);
            }
        }
        return series ?? await index.ReadAllSeriesAsync(cancellationToken);
    }

    /// <summary>
    /// The lists of the values that match; of a matcher that the empty text satisfies, those of the values that do not.
    /// </summary>
    private static ValueTask<List<LabelPostings>> ListsAsync(
        IndexReader index,
        LabelMatcher matcher,
        CancellationToken cancellationToken
    )
    {
        var isNegative = matcher.Operator is MatchOperator.NotEqual or MatchOperator.NotRegex;
        if (isNegative != matcher.MatchesEmpty)
        {
            // Sought are the values that the written text or pattern does not match, or all but the empty one.
            return matcher.Pattern is { MatchesEverything: true }
                ? ValueTask.FromResult(new List<LabelPostings>())
                : index.ScanLabelsAsync(
                    matcher.Name,
                    "",
                    TakesAnyValue(matcher) || TakesNoValue(matcher) ? null : Sought(matcher),
                    cancellationToken
                );
        }
        if (matcher.Pattern is not { } pattern)
        {
            return index.FindLabelsAsync(matcher.Name, [matcher.Value], cancellationToken);
        }
        return pattern.Literals is { } literals
            ? index.FindLabelsAsync(matcher.Name, literals, cancellationToken)
            : index.ScanLabelsAsync(
                matcher.Name,
                pattern.Prefix,
                pattern.MatchesNonEmpty ? null : pattern.IsMatch,
                cancellationToken
            );
    }

    private static Func<string, bool> Sought(LabelMatcher matcher) =>
        matcher.MatchesEmpty ? value => !matcher.Matches(value) : matcher.Matches;

    /// <summary>Whether every series with the label matches, and no other: <c>!=""</c>, <c>=~".+"</c>.</summary>
    private static bool TakesAnyValue(LabelMatcher matcher) =>
        matcher.Operator switch
        {
            MatchOperator.NotEqual => matcher.Value.Length == 0,
            MatchOperator.Regex => matcher.Pattern!.MatchesNonEmpty,
            _ => false,
        };

    /// <summary>Whether every series without the label matches, and no other: <c>=""</c>, <c>!~".+"</c>.</summary>
    private static bool TakesNoValue(LabelMatcher matcher) =>
        matcher.Operator switch
        {
            MatchOperator.Equal => matcher.Value.Length == 0,
            MatchOperator.NotRegex => matcher.Pattern!.MatchesNonEmpty,
            _ => false,
        };

    private sealed record Plan(LabelMatcher Matcher, List<LabelPostings> Lists)
    {
        public long Bytes { get; } = Lists.Sum(list => Math.Max(list.LengthBytes, 12));
    }
}
