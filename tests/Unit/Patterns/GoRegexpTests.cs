using System.Text.Json;
using Tributary.Patterns;

namespace Tributary.Tests.Unit.Patterns;

/// <summary>
/// <c>GoRegexp.json</c> holds what Go 1.19's <c>regexp</c> answered for our patterns and texts: which texts the pattern
/// matches whole (leftmost-longest, with the flag s), or why it is refused.
/// </summary>
public sealed class GoRegexpTests
{
    private const int SmallBudget = 64;

    private static readonly JsonElement Table = JsonDocument
        .Parse(File.ReadAllText(Path.Combine(Repository.Root, "tests", "Unit", "Patterns", "GoRegexp.json")))
        .RootElement;

    private static readonly string[] Inputs =
    [
        .. Table.GetProperty("inputs").EnumerateArray().Select(i => i.GetString()!),
    ];

    public static TheoryData<string, string> Refused =>
        new(Rows("error").Select(r => (r.Pattern, r.Answer.GetString()!)));

    [Theory]
    [MemberData(nameof(Refused))]
    public void Parse_WhatGoRefuses_IsRefusedWithGosWords(string pattern, string message)
    {
        var exception = Assert.Throws<PatternException>(() => RePattern.Parse(pattern));
        Assert.Equal(message, exception.Message);
    }

    [Theory]
    [InlineData(true, PatternMachine.StateBudget)]
    [InlineData(false, PatternMachine.StateBudget)]
    [InlineData(false, SmallBudget)]
    [InlineData(false, 0)]
    public void IsMatch_EveryPatternOnEveryText_AnswersAsGo(bool fastPaths, int stateBudget)
    {
        var differences = new List<string>();
        foreach (var (pattern, isListed, listed) in Accepted())
        {
            var parsed = RePattern.Parse(pattern, fastPaths, stateBudget);
            for (var i = 0; i < Inputs.Length; i++)
            {
                if (parsed.IsMatch(Inputs[i]) != (listed.Contains(i) == isListed))
                {
                    differences.Add($"{pattern} on {JsonSerializer.Serialize(Inputs[i])}");
                }
            }
        }
        Assert.Empty(differences);
    }

    /// <summary>The listed indexes are those of the matching texts, or of all others, whichever are fewer.</summary>
    private static IEnumerable<(string Pattern, bool ListsMatches, HashSet<int> Listed)> Accepted()
    {
        foreach (var kind in new[] { "matches", "matchesAllBut" })
        {
            foreach (var (pattern, answer) in Rows(kind))
            {
                yield return (pattern, kind == "matches", [.. answer.EnumerateArray().Select(i => i.GetInt32())]);
            }
        }
    }

    private static IEnumerable<(string Pattern, JsonElement Answer)> Rows(string kind) =>
        from row in Table.GetProperty("patterns").EnumerateArray()
        where row.TryGetProperty(kind, out _)
        select (row.GetProperty("pattern").GetString()!, row.GetProperty(kind));
}
