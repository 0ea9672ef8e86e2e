using Tributary.Patterns;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Selectors;

/// <summary>Looks for a text that satisfies conditions on one label: all states in which their automata can be together.</summary>
/// <remarks>The answer is exact, or there is none: large patterns are not compared to their end.</remarks>
internal sealed class TextSearch
{
    /// <summary>The most combinations of states.</summary>
    private const int MaxPlaces = 20_000;

    /// <summary>The most instructions of all automata.</summary>
    private const long MaxSteps = 4_000_000;

    private readonly (PatternAutomaton Automaton, bool IsNegative)[] automata;

    /// <summary>A code point of each kind that the automata tell apart, as the class that each of them gives it.</summary>
    private readonly List<int[]> kinds = [];

    private TextSearch(List<(PatternAutomaton Automaton, bool IsNegative)> automata, string others)
    {
        this.automata = [.. automata];
        var runes = automata.SelectMany(one => one.Automaton.Boundaries).Concat(others.Select(unit => (int)unit));
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var rune in runes.Append(0).Distinct().Order())
        {
            var classes = this.automata.Select(one => one.Automaton.ClassOf(rune)).ToArray();
            if (seen.Add(string.Join(',', classes)))
            {
                kinds.Add(classes);
            }
        }
    }

    /// <summary>The search over conditions; null when one is too large to be compared, or not about UTF-8 text.</summary>
    /// <param name="conditions">The conditions; their labels' names do not count.</param>
    /// <param name="others">ASCII texts that <see cref="After"/> is asked for.</param>
    public static TextSearch? Over(IReadOnlyList<LabelMatcher> conditions, string others = "")
    {
        var automata = new List<(PatternAutomaton, bool)>();
        foreach (var condition in conditions)
        {
            if (Quoting.HasRawBytes(condition.Value))
            {
                return null;
            }
            var node =
                condition.Pattern?.Syntax
                ?? (condition.Value.Length == 0 ? new PatternNode.Empty() : new PatternNode.Literal(condition.Value));
            if (PatternAutomaton.Of(node) is not { } automaton)
            {
                return null;
            }
            automata.Add((automaton, condition.Operator is MatchOperator.NotEqual or MatchOperator.NotRegex));
        }
        return new TextSearch(automata, others);
    }

    /// <summary>Whether a text satisfies all conditions; null when that is not decided.</summary>
    public static bool? Exists(IReadOnlyList<LabelMatcher> conditions)
    {
        if (SmallestList(conditions) is { } texts)
        {
            return texts.Any(text => conditions.All(condition => condition.Matches(text)));
        }
        return Over(conditions) is { } search ? search.Any(search.Accepts) : null;
    }

    /// <summary>The texts that one of the conditions lists, the shortest such list; null when none lists them.</summary>
    public static IReadOnlyCollection<string>? SmallestList(IReadOnlyList<LabelMatcher> conditions) =>
        conditions
            .Select(condition =>
                condition.Operator switch
                {
                    MatchOperator.Equal => [condition.Value],
                    MatchOperator.Regex => condition.Pattern!.Literals,
                    _ => null,
                }
            )
            .Where(list => list is not null)
            .MinBy(list => list!.Count);

    /// <summary>Whether some text leads to states that are looked for; null when that is not decided.</summary>
    public bool? Any(Func<int[], bool> isFound)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Queue<int[]>();
        Visit(new int[automata.Length]);
        while (waiting.TryDequeue(out var states))
        {
            if (isFound(states))
            {
                return true;
            }
            if (seen.Count > MaxPlaces || automata.Sum(one => one.Automaton.Steps) > MaxSteps)
            {
                return null;
            }
            foreach (var classes in kinds)
            {
                var next = new int[states.Length];
                for (var i = 0; i < next.Length; i++)
                {
                    next[i] = automata[i].Automaton.Step(states[i], classes[i]);
                }
                Visit(next);
            }
        }
        return false;

        void Visit(int[] states)
        {
            if (!IsHopeless(states) && seen.Add(string.Join(',', states)))
            {
                waiting.Enqueue(states);
            }
        }
    }

    /// <summary>Whether all conditions hold for a text that ends here.</summary>
    public bool Accepts(int[] states)
    {
        for (var i = 0; i < states.Length; i++)
        {
            if (!Accepts(i, states[i]))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Whether one condition holds for a text that ends in its state.</summary>
    public bool Accepts(int condition, int state) =>
        automata[condition].Automaton.Accepts(state) != automata[condition].IsNegative;

    /// <summary>The state of one condition behind a text that follows.</summary>
    public int After(int condition, int state, string text)
    {
        foreach (var unit in text)
        {
            state = automata[condition].Automaton.Step(state, automata[condition].Automaton.ClassOf(unit));
        }
        return state;
    }

    /// <summary>Whether a positive condition can hold no more.</summary>
    private bool IsHopeless(int[] states)
    {
        for (var i = 0; i < states.Length; i++)
        {
            if (!automata[i].IsNegative && automata[i].Automaton.IsDead(states[i]))
            {
                return true;
            }
        }
        return false;
    }
}
