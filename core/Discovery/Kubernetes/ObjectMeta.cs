using System.Text.Json;
using Tributary.Model;

namespace Tributary.Discovery.Kubernetes;

/// <summary>What every object has: names, labels, annotations, and what controls it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Namespace">The namespace; empty for objects of the whole cluster.</param>
/// <param name="Uid">The identifier.</param>
/// <param name="Labels">Names and values.</param>
/// <param name="Annotations">Names and values.</param>
/// <param name="Controller">What made it and keeps it; null without one.</param>
internal sealed record ObjectMeta(
    string Name,
    string Namespace,
    string Uid,
    IReadOnlyList<KeyValuePair<string, string>> Labels,
    IReadOnlyList<KeyValuePair<string, string>> Annotations,
    OwnerReference? Controller
)
{
    /// <summary>What the names of all labels begin with.</summary>
    public const string Prefix = "__meta_kubernetes_";

    /// <summary>Namespace and name, which are unique for a kind.</summary>
    public string Key => KeyOf(Namespace, Name);

    /// <summary>The key of an object.</summary>
    public static string KeyOf(string nameSpace, string name) => $"{nameSpace}/{name}";

    /// <summary>That of an object.</summary>
    public static ObjectMeta Read(JsonElement item)
    {
        var metadata = item.Child("metadata") ?? throw new FormatException();
        var controller = metadata
            .Items("ownerReferences")
            .Where(owner => owner.Flag("controller") is true)
            .Select(owner => new OwnerReference(owner.Text("kind"), owner.Text("name")))
            .FirstOrDefault();
        return new ObjectMeta(
            metadata.Text("name"),
            metadata.Text("namespace"),
            metadata.Text("uid"),
            metadata.Map("labels"),
            metadata.Map("annotations"),
            controller
        );
    }

    /// <summary>The value of a label; null without it.</summary>
    public string? Label(string name)
    {
        foreach (var (key, value) in Labels)
        {
            if (string.Equals(key, name, StringComparison.Ordinal))
            {
                return value;
            }
        }
        return null;
    }

    /// <summary>Labels of the name, of the object's labels, and of its annotations.</summary>
    /// <param name="kind">What the names of the labels call it.</param>
    public LabelSet LabelsAs(string kind) =>
        new MetaLabels(Prefix + kind).Set("_name", Name).Add(MetadataAs(kind)).Build();

    /// <summary>The same without the name.</summary>
    public LabelSet MetadataAs(string kind)
    {
        var output = new MetaLabels(Prefix + kind);
        foreach (var (name, value) in Labels)
        {
            var part = MetaLabels.NamePart(name);
            output.Set("_label_" + part, value).Set("_labelpresent_" + part, true);
        }
        foreach (var (name, value) in Annotations)
        {
            var part = MetaLabels.NamePart(name);
            output.Set("_annotation_" + part, value).Set("_annotationpresent_" + part, true);
        }
        return output.Build();
    }
}

/// <summary>An object that keeps another.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Name">Its name.</param>
internal sealed record OwnerReference(string Kind, string Name);
