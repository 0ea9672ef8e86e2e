using System.Diagnostics;
using System.Globalization;
using Tributary.Model;

namespace Tributary.Templates;

/// <content>What stands in actions.</content>
internal sealed partial class TemplateExecution
{
    /// <summary>What stands for the value of the command before where there is none.</summary>
    private static readonly object Missing = new();

    private object? Evaluate(TemplateExpression.Pipeline pipeline, object? dot)
    {
        At(pipeline);
        Enter();
        var value = Missing;
        foreach (var command in pipeline.Commands)
        {
            value = Evaluate(command, dot, value);
        }
        foreach (var variable in pipeline.Declared)
        {
            if (pipeline.IsAssignment)
            {
                Assign(variable, value);
            }
            else
            {
                variables.Add((variable.Names[0], value));
            }
        }
        depth--;
        return value;
    }

    private object? Evaluate(TemplateExpression.Command command, object? dot, object? final)
    {
        var first = command.Parts[0];
        if (first is not TemplateExpression.Pipeline)
        {
            At(first);
        }
        IReadOnlyList<TemplateExpression> arguments = [.. command.Parts.Skip(1)];
        switch (first)
        {
            case TemplateExpression.Field field:
                return FieldsOf(dot, field, field.Names, dot, arguments, final);
            case TemplateExpression.Variable variable when variable.Names.Count > 1:
                return FieldsOf(ValueOf(variable), variable, [.. variable.Names.Skip(1)], dot, arguments, final);
            case TemplateExpression.Chain chain:
                return FieldsOf(Argument(chain.Of, dot), chain, chain.Names, dot, arguments, final);
            case TemplateExpression.Identifier identifier:
                return CallFunction(identifier, command, arguments, dot, final);
            default:
                if (arguments.Count > 0 || !ReferenceEquals(final, Missing))
                {
                    throw Error($"can't give argument to non-function {first}");
                }
                return first is TemplateExpression.Constant { Value: null }
                    ? throw Error("nil is not a command")
                    : Argument(first, dot);
        }
    }

    /// <summary>The value of a part that is given no arguments.</summary>
    private object? Argument(TemplateExpression part, object? dot)
    {
        At(part);
        return part switch
        {
            TemplateExpression.Dot => dot,
            TemplateExpression.Constant constant => constant.Value,
            TemplateExpression.Variable { Names.Count: 1 } variable => ValueOf(variable),
            TemplateExpression.Variable variable => FieldsOf(
                ValueOf(variable),
                variable,
                [.. variable.Names.Skip(1)],
                dot,
                [],
                Missing
            ),
            TemplateExpression.Field field => FieldsOf(dot, field, field.Names, dot, [], Missing),
            TemplateExpression.Chain chain => FieldsOf(Argument(chain.Of, dot), chain, chain.Names, dot, [], Missing),
            TemplateExpression.Pipeline pipeline => Evaluate(pipeline, dot),
            TemplateExpression.Identifier identifier => CallFunction(identifier, identifier, [], dot, Missing),
            _ => throw new UnreachableException(),
        };
    }

    private object? ValueOf(TemplateExpression.Variable variable)
    {
        var index = variables.FindLastIndex(known => known.Name == variable.Names[0]);
        return index < 0 ? throw Error($"undefined variable: {variable.Names[0]}") : variables[index].Value;
    }

    /// <summary>Fields of fields; the last one may be a method with arguments.</summary>
    private object? FieldsOf(
        object? value,
        TemplateExpression node,
        IReadOnlyList<string> names,
        object? dot,
        IReadOnlyList<TemplateExpression> arguments,
        object? final
    )
    {
        for (var i = 0; i < names.Count - 1; i++)
        {
            value = FieldOf(value, node, names[i], dot, [], Missing);
        }
        return FieldOf(value, node, names[^1], dot, arguments, final);
    }

    private object? FieldOf(
        object? value,
        TemplateExpression node,
        string name,
        object? dot,
        IReadOnlyList<TemplateExpression> arguments,
        object? final
    )
    {
        if (value is null)
        {
            return null;
        }
        if (TemplateFunctions.MethodOf(value, name) is { } method)
        {
            var all = Collect(method, name, arguments, dot, final);
            return Run(method, name, node, [value, .. all]);
        }
        var hasArguments = arguments.Count > 0 || !ReferenceEquals(final, Missing);
        switch (value)
        {
            case LabelSet or Dictionary<string, object?> when hasArguments:
                throw Error($"{name} is not a method but has arguments");
            case LabelSet labels:
                return labels.Get(name) ?? "";
            case Dictionary<string, object?> map:
                return map.GetValueOrDefault(name);
            default:
                var field = FieldOf(value, name);
                return ReferenceEquals(field, Missing)
                        ? throw Error($"can't evaluate field {name} in type {GoValue.TypeOf(value)}")
                    : hasArguments ? throw Error($"{name} has arguments but cannot be invoked as function")
                    : field;
        }
    }

    private static object FieldOf(object value, string name) =>
        (value, name) switch
        {
            (TemplateContext data, "Labels") => data.Labels,
            (TemplateContext data, "ExternalLabels") => data.ExternalLabels,
            (TemplateContext data, "ExternalURL") => data.ExternalUrl,
            (TemplateContext data, "Value") => GoValue.ValueOf(data),
            (TemplateSample sample, "Labels") => sample.Labels,
            (TemplateSample sample, "Value") => GoValue.ValueOf(sample),
            (Histogram histogram, "Count") => histogram.Count,
            (Histogram histogram, "Sum") => histogram.Sum,
            (Histogram histogram, "ZeroCount") => histogram.ZeroCount,
            (Histogram histogram, "ZeroThreshold") => histogram.Layout.ZeroThreshold,
            (Histogram histogram, "Schema") => (long)histogram.Layout.Schema,
            _ => Missing,
        };

    private object? CallFunction(
        TemplateExpression.Identifier identifier,
        TemplateExpression node,
        IReadOnlyList<TemplateExpression> arguments,
        object? dot,
        object? final
    )
    {
        var function = TemplateFunctions.Of(identifier.Name);
        if (identifier.Name is TemplateFunctions.And or TemplateFunctions.Or)
        {
            CheckCount(function, identifier.Name, arguments.Count, final);
            return Decide(identifier.Name is TemplateFunctions.Or, arguments, dot, final);
        }
        var all = Collect(function, identifier.Name, arguments, dot, final);
        return Run(function, identifier.Name, node, all);
    }

    /// <summary>The first value that decides; the last one when none does.</summary>
    private object? Decide(bool wanted, IReadOnlyList<TemplateExpression> arguments, object? dot, object? final)
    {
        object? value = null;
        foreach (var argument in arguments)
        {
            value = Argument(argument, dot);
            if (GoValue.IsTrue(value) == wanted)
            {
                return value;
            }
        }
        return ReferenceEquals(final, Missing) ? value : final;
    }

    private object?[] Collect(
        TemplateFunction function,
        string name,
        IReadOnlyList<TemplateExpression> arguments,
        object? dot,
        object? final
    )
    {
        CheckCount(function, name, arguments.Count, final);
        var all = new List<object?>(arguments.Count + 1);
        foreach (var argument in arguments)
        {
            all.Add(Typed(argument, Argument(argument, dot), ParameterAt(function, all.Count)));
        }
        if (!ReferenceEquals(final, Missing))
        {
            all.Add(Checked(final, ParameterAt(function, all.Count)));
        }
        return [.. all];
    }

    private static TemplateParameter ParameterAt(TemplateFunction function, int index) =>
        index < function.Parameters.Count ? function.Parameters[index] : function.Rest!.Value;

    private void CheckCount(TemplateFunction function, string name, int count, object? final)
    {
        count += ReferenceEquals(final, Missing) ? 0 : 1;
        var wanted = function.Parameters.Count;
        if (function.Rest is not null ? count < wanted : count != wanted)
        {
            var least = function.Rest is null ? "" : "at least ";
            throw Error(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"wrong number of args for {name}: want {least}{wanted} got {count}"
                )
            );
        }
    }

    /// <summary>An argument as written; constants must be of the very kind that is wanted.</summary>
    private object? Typed(TemplateExpression argument, object? value, TemplateParameter parameter)
    {
        if (parameter is TemplateParameter.Any || argument is not TemplateExpression.Constant { Value: not null })
        {
            return
                parameter is TemplateParameter.Text or TemplateParameter.Integer
                && argument is TemplateExpression.Constant
                ? throw Error($"cannot assign nil to {NameOf(parameter)}")
                : Checked(value, parameter);
        }
        return (parameter, value) switch
        {
            (TemplateParameter.Text, string) or (TemplateParameter.Integer, long) => value,
            (TemplateParameter.Duration, long nanoseconds) => new GoDuration(nanoseconds, false),
            (TemplateParameter.Text, _) => throw Error($"expected string; found {argument}"),
            (TemplateParameter.Integer or TemplateParameter.Duration, _) => throw Error(
                $"expected integer; found {argument}"
            ),
            _ => throw Error($"can't handle {argument} for arg of type {NameOf(parameter)}"),
        };
    }

    private object? Checked(object? value, TemplateParameter parameter) =>
        (parameter, value) switch
        {

            (TemplateParameter.Any, _)
            or
            (TemplateParameter.Text, string)
            or
            (TemplateParameter.Integer, long)
            or
            (TemplateParameter.Duration, GoDuration)
            or
            (TemplateParameter.Time, GoTime)
            or
            (TemplateParameter.Vector, List<TemplateSample>)
            or (TemplateParameter.Sample, TemplateSample or null) => value,
            (TemplateParameter.Vector, null) => new List<TemplateSample>(),
            (_, null) => throw Error($"invalid value; expected {NameOf(parameter)}"),
            _ => throw Error($"wrong type for value; expected {NameOf(parameter)}; got {GoValue.TypeOf(value)}"),
        };

    private static string NameOf(TemplateParameter parameter) =>
        parameter switch
        {
            TemplateParameter.Text => "string",
            TemplateParameter.Integer => "int",
            TemplateParameter.Duration => "time.Duration",
            TemplateParameter.Time => "time.Time",
            TemplateParameter.Vector => "template.queryResult",
            TemplateParameter.Sample => "*template.sample",
            _ => "interface {}",
        };

    private object? Run(TemplateFunction function, string name, TemplateExpression node, object?[] all)
    {
        try
        {
            return function.Run(all, environment);
        }
        catch (TemplateFunctionException exception)
        {
            At(node);
            throw Error($"error calling {name}: {exception.Message}", exception);
        }
    }
}
