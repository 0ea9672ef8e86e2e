using System.Globalization;
using System.Text;
using Tributary.Model;

namespace Tributary.Templates;

/// <summary>One expansion of a template: walks its tree and writes the text.</summary>
/// <remarks>Errors are worded as Go's <c>text/template</c> words them, as far as Prometheus' users see them.</remarks>
internal sealed partial class TemplateExecution
{
    /// <summary>Templates in templates and parts in parts; deeper ones are refused, so that the call stack is enough.</summary>
    private const int MaxDepth = 250;

    /// <summary>A template that takes more steps would not come to an end in any useful time.</summary>
    private const int MaxSteps = 1_000_000;

    private readonly IReadOnlyDictionary<string, IReadOnlyList<TemplateNode>> definitions;
    private readonly TemplatePlaces places;
    private readonly TemplateEnvironment environment;
    private readonly StringBuilder output = new();
    private List<(string Name, object? Value)> variables = [];
    private string template;
    private TemplateExpression? part;
    private TemplateNode? node;
    private int depth;
    private int steps;

    private TemplateExecution(
        IReadOnlyDictionary<string, IReadOnlyList<TemplateNode>> definitions,
        TemplatePlaces places,
        TemplateEnvironment environment
    )
    {
        (this.definitions, this.places, this.environment) = (definitions, places, environment);
        template = places.Name;
    }

    private enum Outcome
    {
        Done,
        Break,
        Continue,
    }

    /// <summary>Expands a template.</summary>
    /// <exception cref="TemplateException">It cannot be expanded.</exception>
    /// <exception cref="QueryNeededException">The answer to a query is missing.</exception>
    public static string Run(
        IReadOnlyDictionary<string, IReadOnlyList<TemplateNode>> definitions,
        TemplatePlaces places,
        TemplateEnvironment environment
    )
    {
        var execution = new TemplateExecution(definitions, places, environment);
        execution.variables.Add(("$", environment.Context));
        execution.WalkAll(definitions[places.Name], environment.Context);
        return execution.output.ToString();
    }

    private Outcome WalkAll(IReadOnlyList<TemplateNode> nodes, object? dot)
    {
        foreach (var node in nodes)
        {
            var outcome = Walk(node, dot);
            if (outcome is not Outcome.Done)
            {
                return outcome;
            }
        }
        return Outcome.Done;
    }

    private Outcome Walk(TemplateNode node, object? dot)
    {
        At(node);
        Enter();
        var outcome = Outcome.Done;
        switch (node)
        {
            case TemplateNode.Text text:
                Append(text.Value);
                break;
            case TemplateNode.Action action:
                var value = Evaluate(action.Pipeline, dot);
                if (action.Pipeline.Declared.Count == 0)
                {
                    At(action);
                    Append(Shown(value));
                }
                break;
            case TemplateNode.If branch:
                outcome = WalkBranch(branch.Pipeline, branch.Body, branch.Otherwise, dot, isWith: false);
                break;
            case TemplateNode.With branch:
                outcome = WalkBranch(branch.Pipeline, branch.Body, branch.Otherwise, dot, isWith: true);
                break;
            case TemplateNode.Range range:
                outcome = WalkRange(range, dot);
                break;
            case TemplateNode.Call call:
                WalkCall(call, dot);
                break;
            default:
                outcome = node is TemplateNode.Break ? Outcome.Break : Outcome.Continue;
                break;
        }
        depth--;
        return outcome;
    }

    private Outcome WalkBranch(
        TemplateExpression.Pipeline pipeline,
        IReadOnlyList<TemplateNode> body,
        IReadOnlyList<TemplateNode>? otherwise,
        object? dot,
        bool isWith
    )
    {
        var known = variables.Count;
        var value = Evaluate(pipeline, dot);
        var outcome =
            GoValue.IsTrue(value) ? WalkAll(body, isWith ? value : dot)
            : otherwise is not null ? WalkAll(otherwise, dot)
            : Outcome.Done;
        Forget(known);
        return outcome;
    }

    private Outcome WalkRange(TemplateNode.Range range, object? dot)
    {
        var known = variables.Count;
        var value = Evaluate(range.Pipeline, dot);
        var inside = variables.Count;
        var hasAny = false;
        foreach (var (key, element) in Elements(range, value))
        {
            hasAny = true;
            CheckSteps();
            Bind(range.Pipeline, inside, key, element);
            var outcome = WalkAll(range.Body, element);
            Forget(inside);
            if (outcome is Outcome.Break)
            {
                break;
            }
        }
        var result = hasAny || range.Otherwise is null ? Outcome.Done : WalkAll(range.Otherwise, dot);
        Forget(known);
        return result;
    }

    /// <summary>What is gone through: lists by index, maps by key, a number from 0 on.</summary>
    private IEnumerable<(object? Key, object? Element)> Elements(TemplateNode.Range range, object? value)
    {
        switch (value)
        {
            case null:
                return [];
            case List<TemplateSample> samples:
                // The body may sort the list that it goes through.
                return Enumerable.Range(0, samples.Count).Select(i => ((object?)(long)i, (object?)samples[i]));
            case LabelSet labels:
                return GoValue.Pairs(labels).Select(pair => ((object?)pair.Key, pair.Value));
            case Dictionary<string, object?> map:
                return GoValue.Pairs(map).Select(pair => ((object?)pair.Key, pair.Value));
            case long or byte or GoNamed:
                if (range.Pipeline.Declared.Count > 1)
                {
                    throw Error($"can't use {GoValue.Print(value)} to iterate over more than one variable");
                }
                return Count(GoValue.IntegerOf(value)!.Value);
            default:
                throw Error($"range can't iterate over {GoValue.Print(value)}");
        }
    }

    private static IEnumerable<(object? Key, object? Element)> Count(long count)
    {
        for (var i = 0L; i < count; i++)
        {
            yield return (null, i);
        }
    }

    /// <summary>Gives the variables of a range the next values; they stand on top of the stack, or are assigned to.</summary>
    private void Bind(TemplateExpression.Pipeline pipeline, int top, object? key, object? element)
    {
        var declared = pipeline.Declared;
        if (declared.Count == 0)
        {
            return;
        }
        if (pipeline.IsAssignment)
        {
            Assign(declared[0], declared.Count > 1 ? key : element);
            if (declared.Count > 1)
            {
                Assign(declared[1], element);
            }
            return;
        }
        variables[top - 1] = (variables[top - 1].Name, element);
        if (declared.Count > 1)
        {
            variables[top - 2] = (variables[top - 2].Name, key);
        }
    }

    private void WalkCall(TemplateNode.Call call, object? dot)
    {
        if (!definitions.TryGetValue(call.Name, out var nodes))
        {
            throw Error($"template {PromQL.Syntax.Quoting.Quote(call.Name)} not defined");
        }
        var argument = call.Pipeline is { } pipeline ? Evaluate(pipeline, dot) : null;
        var (outside, caller) = (variables, template);
        (variables, template) = ([("$", argument)], call.Name);
        WalkAll(nodes, argument);
        (variables, template) = (outside, caller);
    }

    private string Shown(object? value)
    {
        try
        {
            return value is null ? "<no value>" : GoValue.Print(value);
        }
        catch (TemplateFunctionException exception)
        {
            throw Error(exception.Message, exception);
        }
    }

    private void Append(string text)
    {
        if (output.Length + text.Length > TemplateEnvironment.MaxLength)
        {
            throw Error(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"the text is longer than {TemplateEnvironment.MaxLength} characters"
                )
            );
        }
        output.Append(text);
    }

    private void Enter()
    {
        if (++depth > MaxDepth)
        {
            throw Error($"exceeded maximum template depth ({MaxDepth})");
        }
        CheckSteps();
    }

    private void CheckSteps()
    {
        if (++steps > MaxSteps)
        {
            throw Error(string.Create(CultureInfo.InvariantCulture, $"more than {MaxSteps} steps"));
        }
    }

    private void Forget(int known) => variables.RemoveRange(known, variables.Count - known);

    private void Assign(TemplateExpression.Variable variable, object? value)
    {
        var index = variables.FindLastIndex(known => known.Name == variable.Names[0]);
        if (index < 0)
        {
            throw Error($"undefined variable: {variable.Names[0]}");
        }
        variables[index] = (variables[index].Name, value);
    }

    /// <summary>Says what errors are about from now on: as in Go the piece that was begun last.</summary>
    private void At(TemplateExpression begun) => (part, node) = (begun, null);

    /// <inheritdoc cref="At(TemplateExpression)"/>
    private void At(TemplateNode begun) => (part, node) = (null, begun);

    private TemplateException Error(string problem, Exception? inner = null) =>
        places.ExecutionError(
            part?.Position ?? node!.Position,
            template,
            part?.ToString() ?? (node is TemplateNode.Text ? "text" : node!.ToString()),
            problem,
            inner
        );
}
