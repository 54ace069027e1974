import {
  type ColumnDefinitionNode,
  DataTypeNode,
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryResult,
  RawNode,
  type RootOperationNode,
  type UnknownRow,
} from 'kysely'

/**
 * Creates the columns of texts so that they are compared by their bytes, as SQLite compares them, whatever the language of the
 * database: pages of lists begin after an id, and ids are in the same order everywhere.
 */
export class ByteOrder implements KyselyPlugin {
  readonly #transformer = new Transformer()

  transformQuery({ node, queryId }: PluginTransformQueryArgs): RootOperationNode {
    return this.#transformer.transformNode(node, queryId)
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return result
  }
}

class Transformer extends OperationNodeTransformer {
  protected override transformColumnDefinition(
    ...args: Parameters<OperationNodeTransformer['transformColumnDefinition']>
  ): ColumnDefinitionNode {
    const node = super.transformColumnDefinition(...args)
    const isText = DataTypeNode.is(node.dataType) && node.dataType.dataType === 'text'
    return isText ? { ...node, dataType: RawNode.createWithSql('text collate "C"') } : node
  }
}
