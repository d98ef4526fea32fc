-- Terms of fields begin with the separator, as those of entities do: a word that is sought by its beginning must not find the name of a field.

-- The owner is bound by row-level security as well, so it is lifted while the rows of earlier versions are changed.
alter table exception no force row level security;
update exception set
    terms = (select array_to_tsvector(array_agg(distinct
                 case when strpos(lexeme, chr(31)) > 6 then left(lexeme, 5) || chr(31) || substr(lexeme, 6) else lexeme end))
             from unnest(tsvector_to_array(terms)) as lexeme)
where terms <> ''::tsvector;
alter table exception force row level security;
